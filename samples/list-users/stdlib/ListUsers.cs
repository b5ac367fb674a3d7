// List users with a JSON Web Token that this program creates.
//
// Install: nothing beyond .NET SDK 10 or later (or a .NET 8 or .NET Framework 4.8 project)
// Set:     ZOOM_API_KEY and ZOOM_API_SECRET
// Run:     dotnet run ListUsers.cs

using System;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using System.Web;

internal static class ListUsers
{
    private static async Task<int> Main()
    {
        // The response is UTF-8; the Windows console has another encoding by default.
        Console.OutputEncoding = new UTF8Encoding(false);

        var apiKey = Environment.GetEnvironmentVariable("ZOOM_API_KEY");
        if (string.IsNullOrEmpty(apiKey))
        {
            return Fail("Set the environment variable ZOOM_API_KEY.");
        }
        var apiSecret = Environment.GetEnvironmentVariable("ZOOM_API_SECRET");
        if (string.IsNullOrEmpty(apiSecret))
        {
            return Fail("Set the environment variable ZOOM_API_SECRET.");
        }

        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
        // .NET Framework does not include System.Text.Json.
        var claims = "{"
            + "\"iss\":" + HttpUtility.JavaScriptStringEncode(apiKey, true)
            + ",\"iat\":" + now
            + ",\"exp\":" + (now + 3600)
            + "}";
        var signingInput = Base64Url(Encoding.UTF8.GetBytes(header))
            + "." + Base64Url(Encoding.UTF8.GetBytes(claims));
        var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(apiSecret));
        var signature = hmac.ComputeHash(Encoding.UTF8.GetBytes(signingInput));
        var token = $"{signingInput}.{Base64Url(signature)}";

        // Do not follow redirects: the token must not reach another host.
        var handler = new HttpClientHandler { AllowAutoRedirect = false };
        var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
        client.DefaultRequestHeaders.Add("Accept", "application/json");
        int status;
        string body;
        try
        {
            const string url = "https://api.zoom.us/v2/users?status=active";
            var response = await client.GetAsync(url);
            status = (int)response.StatusCode;
            // ReadAsStringAsync throws if it does not know the charset.
            body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
        }
        catch (Exception e) when (e is HttpRequestException || e is TaskCanceledException)
        {
            var reason = e is TaskCanceledException ? "timed out" : (e.InnerException ?? e).Message;
            return Fail($"No answer from api.zoom.us: {reason}");
        }

        if (status != 200)
        {
            return Fail($"HTTP {status}: {body}");
        }
        Console.WriteLine(body);
        return 0;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }

    private static string Base64Url(byte[] data) =>
        Convert.ToBase64String(data).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

// List Video SDK sessions with a JSON Web Token that this program creates.
//
// Install: .NET SDK 10 or later; the #:package line below adds the library
// Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
// Run:     dotnet run VideosdkSessions.cs

#:package Microsoft.IdentityModel.JsonWebTokens@8.23.0
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

// The response is UTF-8; the Windows console has another encoding by default.
Console.OutputEncoding = new UTF8Encoding(false);

var sdkKey = Environment.GetEnvironmentVariable("ZOOM_VIDEO_SDK_KEY");
if (string.IsNullOrEmpty(sdkKey))
{
    return Fail("Set the environment variable ZOOM_VIDEO_SDK_KEY.");
}
var sdkSecret = Environment.GetEnvironmentVariable("ZOOM_VIDEO_SDK_SECRET");
if (string.IsNullOrEmpty(sdkSecret))
{
    return Fail("Set the environment variable ZOOM_VIDEO_SDK_SECRET.");
}

var secret = Encoding.UTF8.GetBytes(sdkSecret);
if (secret.Length < 32)
{
    return Fail("ZOOM_VIDEO_SDK_SECRET: the library needs a secret of at least 32 bytes.");
}
var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
var claims = new JsonObject
{
    ["iss"] = sdkKey,
    ["iat"] = now,
    ["exp"] = now + 1800,
};
var key = new SymmetricSecurityKey(secret);
var signing = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
var token = new JsonWebTokenHandler().CreateToken(claims.ToJsonString(), signing);

// Do not follow redirects: the token must not reach another host.
using var handler = new HttpClientHandler { AllowAutoRedirect = false };
using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
client.DefaultRequestHeaders.Add("Accept", "application/json");
int status;
string body;
try
{
    const string url = "https://api.zoom.us/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9";
    using var response = await client.GetAsync(url);
    status = (int)response.StatusCode;
    // ReadAsStringAsync throws if it does not know the charset.
    body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
}
catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
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

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}

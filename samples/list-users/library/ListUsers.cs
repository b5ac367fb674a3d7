// List users with a JSON Web Token that this program makes itself.
//
// Install: the .NET SDK 10 or later; the next line brings the library
// Set:     ZOOM_API_KEY and ZOOM_API_SECRET
// Run:     dotnet run ListUsers.cs

#:package Microsoft.IdentityModel.JsonWebTokens@8.23.0
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var apiKey = Environment.GetEnvironmentVariable("ZOOM_API_KEY");
if (string.IsNullOrEmpty(apiKey))
{
    Console.Error.WriteLine("Set the environment variable ZOOM_API_KEY.");
    return 1;
}

var apiSecret = Environment.GetEnvironmentVariable("ZOOM_API_SECRET");
if (string.IsNullOrEmpty(apiSecret))
{
    Console.Error.WriteLine("Set the environment variable ZOOM_API_SECRET.");
    return 1;
}

var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
var claims = new JsonObject
{
    ["iss"] = apiKey,
    ["iat"] = now,
    ["exp"] = now + 3600,
};
var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(apiSecret));
var signing = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
var token = new JsonWebTokenHandler().CreateToken(claims.ToJsonString(), signing);

using var handler = new HttpClientHandler { AllowAutoRedirect = false };
using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
client.DefaultRequestHeaders.Add("Accept", "application/json");
int status;
string body;
try
{
    using var response = await client.GetAsync("https://api.zoom.us/v2/users?status=active");
    status = (int)response.StatusCode;
    body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
}
catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
{
    Console.Error.WriteLine($"No answer from api.zoom.us: {(e.InnerException ?? e).Message}");
    return 1;
}

if (status != 200)
{
    Console.Error.WriteLine($"HTTP {status}: {body}");
    return 1;
}
Console.WriteLine(body);
return 0;

// List Video SDK sessions with a JSON Web Token that this program makes itself.
//
// Install: the .NET SDK 10 or later; the next line brings the library
// Set:     ZOOM_VIDEO_SDK_KEY and ZOOM_VIDEO_SDK_SECRET
// Run:     dotnet run VideosdkSessions.cs

#:package Microsoft.IdentityModel.JsonWebTokens@8.23.0
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var sdkKey = Environment.GetEnvironmentVariable("ZOOM_VIDEO_SDK_KEY");
if (string.IsNullOrEmpty(sdkKey))
{
    Console.Error.WriteLine("Set the environment variable ZOOM_VIDEO_SDK_KEY.");
    return 1;
}

var sdkSecret = Environment.GetEnvironmentVariable("ZOOM_VIDEO_SDK_SECRET");
if (string.IsNullOrEmpty(sdkSecret))
{
    Console.Error.WriteLine("Set the environment variable ZOOM_VIDEO_SDK_SECRET.");
    return 1;
}

var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
var claims = new JsonObject
{
    ["iss"] = sdkKey,
    ["iat"] = now,
    ["exp"] = now + 1800,
};
var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(sdkSecret));
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
    using var response = await client.GetAsync("https://api.zoom.us/v2/videosdk/sessions?type=past&session_name=Q%26A%20at%20the%20caf%C3%A9");
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

// Mono's entry point for a sample whose own is asynchronous. It is not published.
using System;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;

internal static class MonoMain
{
    private static void Main()
    {
        var main = Assembly.GetExecutingAssembly().GetTypes()
            .Where(type => type != typeof(MonoMain))
            .Select(type => type.GetMethod("Main", BindingFlags.NonPublic | BindingFlags.Static))
            .Single(method => method != null);
        var exitStatus = ((Task<int>)main.Invoke(null, null)).GetAwaiter().GetResult();
        // Without it Mono's thread pool keeps the process alive for seconds.
        Environment.Exit(exitStatus);
    }
}

// Mono's entry point for a sample whose own is asynchronous. It is not published.
using System;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
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
        Console.Out.Flush();
        Console.Error.Flush();
        // Mono's own shutdown waits for the thread pool, for seconds; and under libfaketime it may
        // be handed a time that is past, at which its clock_nanosleep fails and it aborts.
        LeaveAtOnce(exitStatus);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void LeaveAtOnce(int exitStatus);
}

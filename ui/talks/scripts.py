"""What a browser does by itself when a page is opened, and when something is asked."""

# The address names the conversation that is shown, by a name which nobody can guess.
FRESH = """(...given) => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const address = new URL(window.location);
    address.searchParams.set("c", Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    history.%s(null, "", address);
    return given;
}"""
NEW = FRESH % "pushState"
# Where there are keys: elsewhere the focus would cover half of the page with letters.
FOCUS = """() => {
    const focus = () => {
        const box = document.querySelector("#ask textarea:enabled");
        box ? box.focus() : requestAnimationFrame(focus);
    };
    if (matchMedia("(hover: hover)").matches) focus();
}"""
# What is asked stands in the chat at once, and leaves the box, where the next question may be written: `echo.js`.
ECHO = "(given, talk) => window.asking.echo(given, talk)"
TAKE = "(given, ...by) => [window.asking.take(), ...by]"
NAMED = f"""(...given) => {{
    if (!new URL(window.location).searchParams.get("c")) ({FRESH % "replaceState"})();
    return given;
}}"""

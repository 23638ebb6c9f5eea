"""`triptych mcp`: the tools for other programs' models, over stdio."""

from argparse import Namespace

from ui.commands.common import agent_of, settings_of


def mcp(arguments: Namespace) -> int:
    """Until the client hangs up."""
    from ui.api.places import Places
    from ui.mcp.links import FileLinks
    from ui.mcp.server import build

    settings = settings_of(arguments, corpus=arguments.corpus)
    with agent_of(settings) as agent:
        links = FileLinks(agent)
        build(agent, lambda call: links, Places(settings.at_once, settings.most_waiting)).run()
    return 0

"""A window with nothing but a page in it, for WebKit's driver; run by the system's own Python.

The browser that comes with the driver has a tool bar, which makes it wider than a phone.
Takes the width and the height of the page in pixels.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402  the versions are to be named before

WIDTH, HEIGHT = int(sys.argv[1]), int(sys.argv[2])


def started(context: WebKit2.WebContext, session: WebKit2.AutomationSession) -> None:
    """The driver has come: whatever it opens is a window of ours."""
    about = WebKit2.ApplicationInfo()
    about.set_name("bare_webkit")
    about.set_version(
        WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version()
    )
    session.set_application_info(about)
    session.connect("create-web-view", lambda _: opened(context))


def opened(context: WebKit2.WebContext) -> WebKit2.WebView:
    """A new window; a person would let the shop's own pages notify."""
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    view.connect("permission-request", lambda _, request: request.allow() or True)
    window = Gtk.Window()
    window.set_default_size(WIDTH, HEIGHT)
    window.add(view)
    view.connect("close", lambda _: window.destroy())
    window.show_all()
    window.present()
    view.grab_focus()
    return view


context = WebKit2.WebContext.new_ephemeral()
context.set_automation_allowed(True)
context.connect("automation-started", started)
Gtk.main()

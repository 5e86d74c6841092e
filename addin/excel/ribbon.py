"""The ribbon's tab: a group for each who works with it, a button per macro.

Source: MS-CUSTOMUI, Custom UI XML Markup Specification, the version that Excel
2007 and all later ones read, on Windows and Mac.
"""

from collections.abc import Iterable
from typing import Final

from lxml import etree

from .buttons import GROUPS, Button
from .vba_text import RIBBON_MODULE, ribbon_call

NAMESPACE: Final = "http://schemas.microsoft.com/office/2006/01/customui"
TAB: Final = "Account Plan"
TAB_KEY: Final = "AP"


def ribbon(buttons: Iterable[Button]) -> bytes:
    """The custom UI part.

    Args:
        buttons: those of a group stand in the order given.
    """
    given = list(buttons)
    root = etree.Element(f"{{{NAMESPACE}}}customUI", nsmap={None: NAMESPACE})
    tabs = _under(_under(root, "ribbon"), "tabs")
    tab = _under(tabs, "tab", id="accountPlanTab", label=TAB, keytip=TAB_KEY)
    for number, name in enumerate(GROUPS, start=1):
        group = _under(tab, "group", id=f"accountPlanGroup{number}", label=name)
        for button in given:
            if button.group == name:
                _button(group, button)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _button(group: etree._Element, button: Button) -> None:
    _under(
        group,
        "button",
        id=f"accountPlan{button.sub}",
        label=button.label,
        imageMso=button.icon,
        size="large",
        screentip=button.tip,
        supertip=button.help,
        keytip=button.key,
        onAction=f"{RIBBON_MODULE}.{ribbon_call(button)}",
    )


def _under(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)

"""The cameras in the console: how each is, what keeps one from counting, and the editor of its lines and areas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from consentry.cameras import service
from consentry.cameras.model import CameraState
from consentry.cameras.troubles import trouble_of
from consentry.console.dispatch import starter, tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.places import no_camera
from consentry.console.plan import Plan, PlanEditor
from consentry.console.stills import still_button, still_of
from consentry.console.widgets import badge, button, button_link, card, dialog, fact, field, form, live_form, note, nothing, opener, page_head, tick
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from consentry.cameras.model import AreaDraft, CameraGap, CameraView, LineDraft
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["STATE_TONES", "draw_camera", "draw_cameras", "gaps_card"]

STATE_TONES: Final = {
    CameraState.LIVE: "good",
    CameraState.STARTING: "warn",
    CameraState.CONNECTING: "warn",
    CameraState.WAITING: "warn",
    CameraState.STALLED: "bad",
    CameraState.FAILED: "bad",
    CameraState.STOPPED: "bad",
    CameraState.SILENT: "bad",
    CameraState.INCOMPLETE: "bad",
}
GAPS_SHOWN: Final = 8


@console_page("/cameras", access=Permission.VIEW_CAMERAS, title="Cameras")
async def draw_cameras(screen: Screen) -> None:
    """List the cameras of the settings with their state."""
    cameras = await screen.ask(service.list_cameras)
    with page_head(screen.say("Cameras"), screen.say("Pictures live in memory for at most two seconds. Only numbers are kept.")):
        if screen.may(Permission.EDIT_SETTINGS):
            button_link(screen.say("Edit in the settings"), at("/settings?part=file"), picture="settings")
    if not cameras:
        with card():
            no_camera(screen)
        return
    with card(classes="flush"), tag("ul", "rows"):
        for camera in cameras:
            _row(screen, camera)


def _row(screen: Screen, camera: CameraView) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            text("a", screen.own(camera.name), "strong", {"href": at(f"/cameras/{camera.id}")})
            text("div", _summary(screen, camera), "quiet small")
        badge(screen.term("camera-state", camera.health.state), STATE_TONES.get(camera.health.state, ""))
        button_link(screen.say("Lines and areas"), at(f"/cameras/{camera.id}"))


def _summary(screen: Screen, camera: CameraView) -> str:
    if camera.missing:
        return screen.say("Stays off. Still missing: {keys}", keys=_listed(screen, camera.missing))
    place = screen.term("zone-type", camera.zone_type or "")
    lines = screen.say_count("{count} line", "{count} lines", len(camera.lines))
    areas = screen.say_count("{count} area", "{count} areas", len(camera.areas))
    return f"{place} · {lines} · {areas}"


def _listed(screen: Screen, keys: tuple[str, ...]) -> str:
    return screen.say(", ").join(screen.term("setting", key) for key in keys)


@console_page("/cameras/{camera}", access=Permission.VIEW_CAMERAS, title="Camera")
async def draw_camera(screen: Screen) -> None:
    """Show one camera: its plan with the editor, its state, its gaps."""
    camera = await screen.ask(service.camera, screen.query["camera"])
    geometry = await screen.ask(service.geometry, camera.id)
    gaps = await screen.ask(service.gaps, camera.id, limit=GAPS_SHOWN)
    plan = Plan.of(geometry, still_of(screen, camera.id))
    screen.kept["plan"] = plan
    with page_head(screen.own(camera.name), screen.term("zone-type", camera.zone_type or "")):
        button_link(screen.say("All cameras"), at("/cameras"), picture="left")
    with tag("div", "stack"):
        _warnings(screen, camera, measured=geometry.width is not None)
        with tag("div", "split"):
            with tag("div", "stack"):
                await _plan_card(screen, plan, editable=geometry.width is not None and screen.may(Permission.EDIT_CAMERAS))
            with tag("div", "stack"):
                _state_card(screen, camera)
                gaps_card(screen, gaps, counted=camera.health.last_minute is not None)


def _warnings(screen: Screen, camera: CameraView, *, measured: bool) -> None:
    if camera.missing:
        mend = screen.say("Add what is missing to its table in the settings; it starts by itself then.")
        note(screen.say("This camera stays off. Still missing: {keys}", keys=_listed(screen, camera.missing)), mend, "warn")
    elif not measured:
        mend = screen.say("Lines and areas can be drawn once it has sent its first picture.")
        note(screen.say("The size of its picture is not known yet."), mend, "warn")


async def _plan_card(screen: Screen, plan: Plan, *, editable: bool) -> None:
    lead = screen.say("In is the side that the arrow points to.")
    with card(screen.say("Lines and areas"), lead):
        editor = PlanEditor(screen, plan, fixed=not editable)
        editor.mark("editor")
        editor.on("moved", starter(screen, move_points))
        if plan.still is None:
            text(
                "p",
                screen.say("No still is shown. A still is strongly pixelated, is not kept, and looking at it is written to the ledger."),
                "quiet small still-note",
            )
        with tag("div", "row plan-actions"):
            _plan_actions(screen, editable=editable)
        tag("div", "stack tight", {"aria-live": "polite"}).mark("faults")
        tag("div", "stack").mark("shapes")
    if editable:
        _show_shapes(screen, plan)


def _plan_actions(screen: Screen, *, editable: bool) -> None:
    still_button(screen, screen.query["camera"])
    if editable:
        button(screen, screen.say("Add a line"), add_line, picture="add")
        button(screen, screen.say("Add an area"), add_area, picture="add")
        button(screen, screen.say("Save"), save_plan, {"camera": screen.query["camera"]}, look="main-action", picture="check")


def _show_shapes(screen: Screen, plan: Plan) -> None:
    area = screen.marked("shapes")
    area.clear()
    with area, tag("div", "grid"):
        for place, line in enumerate(plan.lines):
            _line_form(screen, line, place)
        for place, zone in enumerate(plan.areas):
            _area_form(screen, zone, place)


def _line_form(screen: Screen, line: LineDraft, place: int) -> None:
    with tag("section", "shape"):
        with live_form(screen, change_line, {"place": str(place)}):
            _names(screen, line)
            tick(screen.say("Counts to the people inside"), "entrance", hint=screen.say("Crossing it enters or leaves the site."), ticked=line.entrance)
            tick(screen.say("Staff only"), "staff_only", hint=screen.say("Visitors' figures leave it out."), ticked=line.staff_only)
        with tag("div", "row tight"):
            button(
                screen,
                screen.say("Turn round"),
                turn_line,
                {"place": str(place)},
                look="plain",
                name=screen.say("Turn {name} round", name=screen.own(line.name)),
            )
            _remove_button(screen, "line", line, place)


def _area_form(screen: Screen, zone: AreaDraft, place: int) -> None:
    with tag("section", "shape"):
        with live_form(screen, change_area, {"place": str(place)}):
            _names(screen, zone)
        with tag("div", "row tight"):
            _remove_button(screen, "area", zone, place)


def _names(screen: Screen, shape: LineDraft | AreaDraft) -> None:
    with tag("div", "two"):
        field(screen.say("Name in Chinese"), "zh", maxlength=60, value=shape.name.get("zh", ""))
        field(screen.say("Name in English"), "en", maxlength=60, value=shape.name.get("en", ""))


def _remove_button(screen: Screen, kind: str, shape: LineDraft | AreaDraft, place: int) -> None:
    name = screen.say("Remove {name}", name=screen.own(shape.name))
    button(screen, screen.say("Remove"), remove_shape, {"kind": kind, "place": str(place)}, look="plain danger", name=name)


def _state_card(screen: Screen, camera: CameraView) -> None:
    health = camera.health
    with card(screen.say("State")):
        with tag("div", "row apart"):
            badge(screen.term("camera-state", health.state), STATE_TONES.get(health.state, ""))
            if screen.may(Permission.EDIT_CAMERAS):
                _restart_dialog(screen, camera)
        with tag("dl", "facts"):
            if trouble := trouble_of(health):
                fact(screen.say("Reason"), screen.term("trouble", trouble))
                fact(screen.say("For technicians"), health.reason, mono=True)
            _moment(screen, screen.say("Since"), health.since)
            _moment(screen, screen.say("Last counted minute"), health.last_minute)
            if health.fps is not None:
                fact(screen.say("Pictures a second"), screen.speech.number(health.fps))
            fact(screen.say("Source"), camera.source or screen.say("not set"), mono=True)
            fact(screen.say("Lawful basis"), screen.term("basis", camera.basis) if camera.basis else screen.say("not set"))
            fact(screen.say("Sign"), camera.sign.place if camera.sign and camera.sign.place else screen.say("not set"))
            fact(screen.say("Figures are kept"), _length(screen, camera))
            fact(screen.say("Detector"), camera.detector, mono=True)


def _length(screen: Screen, camera: CameraView) -> str:
    return screen.speech.length(camera.retention) if camera.retention else screen.say("not set")


def _restart_dialog(screen: Screen, camera: CameraView) -> None:
    lead = screen.say("Counting stops for some seconds; the gap is recorded as a gap.")
    with dialog(screen.say("Start the camera anew"), lead) as asked, form(screen, start_anew, screen.say("Start anew"), {"camera": camera.id}):
        field(screen.say("Why"), "reason", screen.say("Kept in the ledger. Name no person."), maxlength=300, required=True)
    opener(screen.say("Start anew…"), asked, look="plain")


def _moment(screen: Screen, name: str, at: datetime | None) -> None:
    if at is not None:
        fact(name, screen.speech.moment(at))


def gaps_card(screen: Screen, gaps: list[CameraGap], *, counted: bool) -> None:
    """Add the newest gaps of a camera; ``counted``: it has ever counted a minute."""
    with card(screen.say("Gaps"), screen.say("When it did not count"), "flush"):
        if not gaps and not counted:
            nothing(screen.say("Nothing counted yet"), screen.say("Gaps appear here once it has begun to count."), "cameras")
            return
        if not gaps:
            nothing(screen.say("No gap"), screen.say("Since it first counted, no minute is missing."), "check")
            return
        with tag("ul", "rows"):
            for gap in gaps:
                with tag("li"), tag("div", "grow"):
                    end = screen.speech.moment(gap.end) if gap.end else screen.say("now")
                    text("div", f"{screen.speech.moment(gap.start)} – {end}", "figure")
                    text("div", screen.term("gap-cause", gap.cause), "quiet small")


@act(Permission.EDIT_CAMERAS)
async def move_points(screen: Screen, answers: Answers) -> None:
    """Take over moved points and say at once what could not count."""
    plan = _plan(screen)
    plan.move(answers.need("plan"))
    await _judge(screen, plan)


@act(Permission.EDIT_CAMERAS)
async def add_line(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - every event takes what was sent
    """Add a line."""
    plan = _plan(screen)
    plan.add_line(_new_names("线", "Line", len(plan.lines) + 1))
    await _shapes_changed(screen, plan)


@act(Permission.EDIT_CAMERAS)
async def add_area(screen: Screen, answers: Answers) -> None:  # noqa: ARG001 - as above
    """Add an area."""
    plan = _plan(screen)
    plan.add_area(_new_names("区域", "Area", len(plan.areas) + 1))
    await _shapes_changed(screen, plan)


def _new_names(zh: str, en: str, number: int) -> dict[str, str]:
    """Return the first name of something new in both languages, whatever language it was drawn in."""
    return {"zh": f"{zh} {number}", "en": f"{en} {number}"}


@act(Permission.EDIT_CAMERAS)
async def turn_line(screen: Screen, answers: Answers) -> None:
    """Let a line count the other way."""
    plan = _plan(screen)
    plan.turn(plan.place("line", answers.one("place")))
    await _shapes_changed(screen, plan)


@act(Permission.EDIT_CAMERAS)
async def remove_shape(screen: Screen, answers: Answers) -> None:
    """Take a line or an area away."""
    plan, kind = _plan(screen), answers.need("kind")
    plan.remove(kind, plan.place(kind, answers.one("place")))
    await _shapes_changed(screen, plan)


@act(Permission.EDIT_CAMERAS)
async def change_line(screen: Screen, answers: Answers) -> None:
    """Take over a line's names and what it counts for."""
    plan = _plan(screen)
    place = plan.place("line", answers.one("place"))
    staff_only, entrance = bool(answers.one("staff_only")), bool(answers.one("entrance"))
    plan.lines[place] = replace(plan.lines[place], name=_given_names(answers), staff_only=staff_only, entrance=entrance)
    await _names_changed(screen, plan)


@act(Permission.EDIT_CAMERAS)
async def change_area(screen: Screen, answers: Answers) -> None:
    """Take over an area's names."""
    plan = _plan(screen)
    place = plan.place("area", answers.one("place"))
    plan.areas[place] = replace(plan.areas[place], name=_given_names(answers))
    await _names_changed(screen, plan)


def _given_names(answers: Answers) -> dict[str, str]:
    return {"zh": answers.one("zh").strip(), "en": answers.one("en").strip()}


@act(Permission.EDIT_CAMERAS)
async def save_plan(screen: Screen, answers: Answers) -> None:
    """Put the plan in force."""
    plan = _plan(screen)
    await _judge(screen, plan)
    if plan.faults:
        return
    await screen.ask(service.save_geometry, answers.need("camera"), plan.lines, plan.areas, etag=plan.etag)
    await screen.redraw()
    tell(screen, screen.say("Lines and areas are in force."))


@act(Permission.EDIT_CAMERAS)
async def start_anew(screen: Screen, answers: Answers) -> None:
    """Start the camera's process anew."""
    await screen.ask(service.restart, answers.need("camera"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("The camera is being started anew."))


def _plan(screen: Screen) -> Plan:
    plan: Plan = screen.kept["plan"]
    return plan


async def _shapes_changed(screen: Screen, plan: Plan) -> None:
    await _names_changed(screen, plan)
    _show_shapes(screen, plan)


async def _names_changed(screen: Screen, plan: Plan) -> None:
    await _judge(screen, plan)
    editor = screen.marked("editor")
    if isinstance(editor, PlanEditor):
        editor.show(screen, plan)


async def _judge(screen: Screen, plan: Plan) -> None:
    """Ask the rules of counting, and show their reasons in place."""
    plan.faults = await screen.ask(service.check_geometry, screen.query["camera"], plan.lines, plan.areas)
    editor = screen.marked("editor")
    if isinstance(editor, PlanEditor):
        editor.judge(plan)
    area = screen.marked("faults")
    area.clear()
    with area:
        for fault in plan.faults:
            shape = (plan.lines if fault.kind == "line" else plan.areas)[fault.index]
            problem = screen.speech.term("error", fault.code) or fault.problem
            note(f"{screen.own(shape.name)} · {problem}", screen.speech.term("mend", fault.code) or fault.mend, "bad")

// Whoever came from a door's page and was recognised goes back there with what its reader takes: one admission, for seconds.

/** Fetch the admission of the capture with this `ticket`, and open the page of the door that `link` names with it; without one, with word of that. */
export async function toDoor(link, ticket) {
  location.replace(`${link.href}#${(await admission(link.dataset.door, ticket)) ?? "face=unavailable"}`);
}

async function admission(door, ticket) {
  try {
    const body = JSON.stringify({ ticket });
    const address = `/api/v1/public/doors/${encodeURIComponent(door)}/admissions`;
    const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return response.ok ? (await response.json()).text : null;
  } catch {
    return null;
  }
}

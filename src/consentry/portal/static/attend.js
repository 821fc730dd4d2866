// A member of staff stands by: signed in for the one request that makes the ticket, and signed out at once.

const API = "/api/v1";

/** Return what runs `ask` as the member of staff whose details the form holds. Rejects with "attend_failed". */
export const asStaff = (form) => async (ask) => {
  const details = new FormData(form);
  form.reset();
  await signIn(details.get("name"), details.get("password"), details.get("code"));
  try {
    const ticket = await ask(true);
    if (!ticket.attended) throw { code: "attend" };
    return ticket;
  } finally {
    await fetch(`${API}/session`, { method: "DELETE" });
  }
};

async function signIn(name, password, code) {
  const step = await posted("/public/session", { name, password });
  if (step.ticket) await posted("/public/session/second-factor", { ticket: step.ticket, code });
}

async function posted(path, body) {
  const response = await fetch(API + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw { code: "attend" };
  return response.json();
}

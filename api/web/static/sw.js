"use strict";

// Opens the page for sending without a network, and sends what waits where the browser has Background Sync.
// KEPT {version, outbox, assets} is written above by the server. What it keeps belongs to nobody: files of ours, and the
// page without a name on it. All goes when somebody signs out; reports that wait stay, for whoever made them.

importScripts(KEPT.outbox);

const CACHE = `wallwatch-${KEPT.version}`;
const SHELL = "/send/shell";
const SIGN_OUT = [["DELETE", "/v1/session"], ["PUT", "/v1/session/password"]];
const outbox = self.wallwatchOutbox;

async function keepShell() {
  // Somebody who is not signed in would be sent elsewhere: that must not be kept in its place.
  const answer = await fetch(SHELL, { redirect: "error", cache: "no-store" });
  if (answer.ok) await (await caches.open(CACHE)).put(SHELL, answer);
}

async function install() {
  await (await caches.open(CACHE)).addAll(KEPT.assets);
  await keepShell().catch(() => undefined);
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("wallwatch-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(SHELL);
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function signOut(request) {
  const answer = await fetch(request);
  if (answer.ok) {
    await (await caches.open(CACHE)).delete(SHELL);
    await outbox.forget("who").catch(() => undefined);
  }
  return answer;
}

async function post(url, headers, body) {
  try {
    const answer = await fetch(url, { method: "POST", headers, body });
    return { status: answer.status, data: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, data: null };
  }
}

async function sync() {
  const told = await outbox.flush(post, self.navigator.language);
  if (told.offline) throw new Error("still no network"); // the browser tries again later
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data === "shell") event.waitUntil(keepShell().catch(() => undefined));
});
self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sync());
});
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const at = new URL(url);
  if (at.origin !== self.location.origin) return;
  if (SIGN_OUT.some(([verb, path]) => verb === method && path === at.pathname)) event.respondWith(signOut(event.request));
  else if (method !== "GET") return;
  else if (mode === "navigate" && at.pathname === "/send") event.respondWith(page(event.request));
  else if (KEPT.assets.includes(at.pathname + at.search)) event.respondWith(file(event.request));
});

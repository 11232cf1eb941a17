import { el } from './dom.js';

const TICK_MS = 250;

/** How many milliseconds this clock is ahead of the server's. */
let aheadMs = 0;

export function setServerTime(now) {
  aheadMs = Date.now() - Date.parse(now);
  tick();
}

export function isOver(at) {
  return msUntil(at) <= 0;
}

/** A text that ends with the seconds until `at`, or with `now`. */
export function countdown(text, at) {
  const element = el('span', { class: 'countdown', 'data-text': text, 'data-at': at });
  show(element);
  return element;
}

/** Calls `run` four times a second. */
export function everyTick(run) {
  setInterval(run, TICK_MS);
}

function show(element) {
  const { text, at } = element.dataset;
  const seconds = Math.ceil(msUntil(at) / 1000);
  const left = seconds <= 0 ? 'now' : `in\u00a0${seconds}\u00a0s`;
  if (element.textContent !== `${text} ${left}`) element.textContent = `${text} ${left}`;
}

function msUntil(at) {
  return Date.parse(at) + aheadMs - Date.now();
}

function tick() {
  for (const element of document.querySelectorAll('[data-at]')) show(element);
}

everyTick(tick);

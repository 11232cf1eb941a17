/**
 * Creates an element. `about` has properties; `class`, `aria-…`, `data-…` and `role` become attributes, `on…`
 * listeners. Texts are always set as text, never as HTML.
 */
export function el(name, about = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(about)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (/^(class|role|for|aria-|data-)/.test(key)) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Runs `render` and gives the focus back to the element with the same `data-key`, or else to `fallback()`. */
export function keepingFocus(within, render, fallback) {
  const focused = within.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest('[data-key]')?.dataset.key;
  render();
  if (!focused || focused.isConnected) return;
  const again = key === undefined ? null : within.querySelector(`[data-key="${CSS.escape(key)}"]`);
  (again && !again.disabled ? again : fallback())?.focus({ preventScroll: true });
}

// Elements in few words; the size of things; who hears what.

export const $ = (selector, at = document) => at.querySelector(selector);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name in element && name !== 'role' && !name.startsWith('aria')) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}

export const button = (text, act, more = {}) => el('button', { type: 'button', onclick: act, ...more }, ...[text].flat());
export const keys = text => text.split(' ').map(key => el('kbd', {}, key));
export const say = text => { $('#say').textContent = text; };
export const css = name => parseFloat(getComputedStyle(document.documentElement).getPropertyValue(name));

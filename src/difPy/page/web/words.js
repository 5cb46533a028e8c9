// All that the page says, in English: a translation would begin here.

export const number = n => n.toLocaleString('en');
export const plural = (n, one, many = one + 's') => `${number(n)} ${n === 1 ? one : many}`;
export const bytes = n => {
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (n < 1000) return unit === 'B' ? `${number(n)} B` : `${n < 10 ? n.toFixed(1) : n.toFixed(0)} ${unit}`;
    n /= 1000;
  }
  return `${n.toFixed(1)} TB`;
};
export const day = seconds => seconds ? new Date(seconds * 1000).toISOString().slice(0, 10) : '';

export const ALTERED = 32;
export const KINDS = [[1, 'Same bytes'], [2, 'Same pixels, other file'], [4, 'Turned'], [8, 'Resized'], [16, 'Compressed or edited'], [ALTERED, 'Altered copy']];
export const STATES = [['', 'All'], ['open', 'Still open'], ['agreed', 'Agreed'], ['apart', 'Not duplicates']];
export const BECOMES = { keep: '✓ Keep', goes: 'Goes', stays: 'Stays', held: 'Stays', far: 'Stays', gone: 'Gone', linked: 'Linked' };
export const SAID = { keep: 'Keep', goes: 'Goes', stays: 'Stays', held: 'Stays', far: 'Stays', gone: 'Gone', linked: 'Linked' };
export const MODES = [['side', 'Side by side'], ['flicker', 'Flicker'], ['slider', 'Slider'], ['difference', 'Difference']];

export const KEYS = [
  ['↑ ↓', 'the group before, the next group'], ['← →', 'the picture before, the next picture'],
  ['A', 'agree, and on to the next'], ['K', 'keep this picture instead'], ['X', 'let this picture stay'],
  ['N', 'they are not duplicates; this is remembered'], ['Z', 'take the last decision back'],
  ['Enter', 'compare; Esc leads back'], ['1 2 3 4', 'side by side, flicker, slider, difference'],
  ['Space', 'fit or 100 %; the wheel zooms, dragging moves'], ['F', 'hold it: the other picture'], ['[ ]', 'move the slider'],
  ['D', 'smaller or larger rows'], ['G', 'go to a group by its number'], ['/', 'filter'], ['P', 'look at the plan'],
];
export const HOW = [
  ['move', 'Move aside', 'to a folder beside; can be moved back'], ['trash', 'Trash', 'of the system; can be taken out'],
  ['hardlink', 'Link', 'same bytes only; frees space, the name stays'], ['delete', 'Delete', 'frees space at once'],
];
export const did = action => ({ move: 'Move aside', trash: 'Move to the trash', hardlink: 'Link', delete: 'Delete' })[action];

const size = p => p.width ? `${number(p.width)} × ${number(p.height)}` : 'size not known';
export const basics = p => [size(p), p.format].filter(Boolean).join(' ');

// What differs between a picture and the one kept for it: difPy says it, for the page as for all that it writes.
export const difference = p => p.is === 'far' ? 'not like the kept one' : [p.differs, p.more?.length ? `only it tells ${p.more.join(', ')}` : ''].filter(Boolean).join(', ');
export function sentence(p) {
  if (p.is === 'far') return 'It is further from the kept picture than any was from the one kept before: nothing becomes of it.';
  const all = [p.altered ? `It is an altered copy: ${p.altered}.` : p.same ? 'The files are the same, byte for byte.' : p.mse === 0
    ? `Every pixel is the same${p.turn ? `, once ${p.turn > 3 ? 'mirrored' : 'turned'}` : ''}.`
    : `Mean squared error to the kept picture: ${p.mse < .01 ? 'below 0.01' : p.mse.toFixed(p.mse < 10 ? 2 : 0)}.`];
  if (p.note) all.push(`It ${p.note}.`);
  if (p.more?.length) all.push(`Only this one tells: ${p.more.join(', ')}.`);
  return all.join(' ');
}
export const label = p => `${SAID[p.is]}: ${p.name} in ${p.folder || 'the folder itself'}, ${basics(p)}, ${bytes(p.bytes)}` + (p.is === 'keep' ? '' : `, ${difference(p)}`);

export const T = {
  all: 'All groups', saved: 'All decisions are saved', saving: 'Saving …', agreed: '✓ Agreed', apart: '≠ Not duplicates',
  changed: 'Something was decided here; the group has changed since', allStay: 'all stay', loading: 'Loading …', counting: n => `${plural(n, 'group')}; what differs in them is being counted …`,
  more: n => `+ ${number(n)} more`, before: n => `${number(n)} before`, goes: (n, of, size) => `${number(n)} of ${number(of)} go, ${size}`,
  refused: why => `difPy says: ${why}`, notSaved: why => `The decision is not saved: ${why}`,
  lost: why => `difPy does not answer (${why}). Nothing is lost: run difpy review again.`,
  sum: s => [[plural(s.goes, 'picture'), s.goes === 1 ? ' goes, ' : ' go, '], [bytes(s.freed), ' can be freed.']],
  decided: s => ` ${number(s.agreed + s.apart)} of ${plural(s.groups, 'group')} decided.`,
  atMost: s => ` All that was found: ${plural(s.could_go, 'picture')}, ${bytes(s.could_be_freed)}.`,
  empty: 'Nothing here', noName: text => `No group has “${text}” in a name or a folder.`, noGroup: 'No group is like that.',
  none: 'No duplicates were found.',
  where: (at, of) => `Group ${number(at)} of ${number(of)}`, unreadable: 'cannot be read any more',
  say: (at, of, row) => `Group ${at} of ${of}: ${plural(row.pictures.length, 'picture')}. ${row.why}`,
  agreedAll: n => `Agreed to ${plural(n, 'group')}.`, agreeAll: 'Agree to all shown', nothingBack: 'There is nothing to take back.',
  agreeSure: n => `Agree to ${plural(n, 'group')} at once? One Z takes all of it back.`, took: n => n === 1 ? 'Taken back.' : `Taken back: ${plural(n, 'group')}.`,
  nothing: 'No pixel differs.',
  figures: f => `${f.differing / f.of < .001 ? `${number(f.differing)} of ${plural(f.of, 'pixel')} ${f.differing === 1 ? 'differs' : 'differ'}` : `${(100 * f.differing / f.of).toFixed(1)} % of the pixels differ`}, by ${f.mean.toFixed(2)} of 255 levels on average, ${f.most} at most. Shown 8 times stronger${f.of < f.all ? `, where both show something: ${Math.round(100 * f.of / f.all)} %` : ''}.`,
  flicker: 'F: hold to see the other one. Space: fit or 100 %.', cannotShow: 'This picture cannot be read any more.',
  plan: 'The plan', planWhy: 'Nothing has happened yet. Every file is compared with the disk once more right before it is touched; what has changed since is left alone.',
  making: 'Making it …', onlyAgreed: 'Only the groups that you agreed to', everything: 'All groups, but those that are not duplicates', onlyAltered: 'Altered copies, and nothing else: they are done apart', evenMore: 'Even those that show more than the kept picture',
  figs: [n => n === 1 ? 'picture goes' : 'pictures go', 'held back', 'cannot be undone'], freed: action => action === 'delete' || action === 'hardlink' ? 'are freed' : 'move; freed when you empty it',
  first: (n, of) => of > n ? `The first ${number(n)} of ${number(of)}.` : '', sure: n => `I know that ${number(n)} cannot be undone`,
  noneAgreed: 'You have not agreed to any group yet: A agrees, in the list. Or choose “All groups” above.', allHeld: 'Everything is held back, for the reasons below.',
  keepSuch: more => `${more} Where that matters, keep that picture instead (K), or let it stay (X).`,
  step: ['Picture', 'Why it may go'], held: ['Held back', 'Why'], to: path => `They move to ${path}`,
  working: 'Working', undoing: 'Taking it back', starting: 'Starting …', of: (n, m) => `${number(n)} of ${number(m)}`,
  done: r => `${plural(r.done, 'picture')} ${({ move: 'moved aside', trash: 'moved to the trash', hardlink: 'linked', delete: 'deleted' })[r.action] ?? 'done'}${r.freed ? `; ${r.freed_words} freed` : ''}.`, undone: r => `${plural(r.done, 'file')} ${r.done === 1 ? 'is' : 'are'} where and as before.`,
  left: (n, undone) => undone ? `${plural(n, 'file')} could not be brought back:` : `${plural(n, 'picture')} left alone:`,
  titles: { done: 'Done', nothing: 'Nothing was done', undone: 'Taken back', stopped: 'Stopped' }, undo: 'Undo', back: 'Back', toList: 'Back to the list',
  died: 'difPy has stopped; what it had done is in the journal: difpy journal lists it.',
  better: { bytes: 'larger', pixels: 'more pixels' }, jump: 'Go to group number',
};
export const FACTS = { name: 'Name', bytes: 'Size', pixels: 'Pixels', format: 'Format', taken: 'Taken', camera: 'Camera', changed: 'Changed' };

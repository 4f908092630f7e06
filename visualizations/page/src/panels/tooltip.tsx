import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { visible } from '../parts/told.js';
import { charts, chosenMachine, ruleSentence } from '../state/data.js';

interface Tip {
  readonly element: Element;
  readonly text: string;
  /** One, or in a brief chart all of a way. */
  readonly rules: readonly string[];
  readonly event: string | null;
}
const tip = signal<Tip | null>(null);

function tipOf(target: EventTarget | null): Tip | null {
  const element = target instanceof Element ? target.closest('[data-tip], [data-rule]') : null;
  if (!element) return null;
  const rules = (element.getAttribute('data-rule') ?? '').split(' ').filter((rule) => rule !== '');
  const text = element.getAttribute('data-tip') ?? '';
  return text || rules.length > 0 ? { element, text, rules, event: element.getAttribute('data-event') } : null;
}

const GAP_PX = 8;
/** One tooltip for the page: what a rule says, what a button does. Shown on hover and on focus, gone with Escape. */
export function Tooltip() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const show = (event: Event): void => {
      const next = tipOf(event.target);
      if (next?.element !== tip.peek()?.element) tip.value = next;
    };
    const hide = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') tip.value = null;
    };
    document.addEventListener('pointerover', show);
    document.addEventListener('focusin', show);
    document.addEventListener('keydown', hide);
    return () => {
      document.removeEventListener('pointerover', show);
      document.removeEventListener('focusin', show);
      document.removeEventListener('keydown', hide);
    };
  }, []);
  useLayoutEffect(() => {
    if (!tip.value || !box.current) return;
    const at = tip.value.element.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: tall } = box.current;
    const left = Math.max(GAP_PX, Math.min(at.left + at.width / 2 - wide / 2, innerWidth - wide - GAP_PX));
    const below = at.bottom + GAP_PX;
    const top = below + tall > innerHeight ? at.top - tall - GAP_PX : below;
    box.current.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(0, top))}px)`;
  }, [tip.value]);
  if (!tip.value) return null;
  const { rules, text, event } = tip.value;
  return (
    <div class="tooltip" role="tooltip" ref={box}>
      {rules.map((rule) => (
        <Rule key={rule} rule={rule} event={event} text={rules.length === 1 && text ? text : ruleSentence(rule)} />
      ))}
      {text && rules.length !== 1 && <div>{visible(text)}</div>}
    </div>
  );
}

function Rule({ rule, event, text }: { rule: string; event: string | null; text: string }) {
  const row = charts.value.value?.table.find((one) => one.rule === rule && (event === null || one.event === event));
  return (
    <div class="tipRule">
      <div class="tipHead">
        <b class="ruleText">{rule}</b> {row && row.event !== '' && <span class="mono">{row.event}</span>}
        {row && row.guard !== '' && <span class="mono guard">[{row.guard}]</span>}
      </div>
      {text && <div>{visible(text)}</div>}
      {row && row.actions.length > 0 && <div class="soft mono">{row.actions.join(', ')}</div>}
      {row && chosenMachine.value && (
        <div class="soft">
          {row.state} → {row.target}
        </div>
      )}
    </div>
  );
}

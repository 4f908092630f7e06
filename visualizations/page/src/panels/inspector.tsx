import type { JSX } from 'preact';
import { Icon } from '../parts/icons.js';
import { overview } from '../state/data.js';
import * as place from '../state/place.js';
import { t } from '../texts/locale.js';
import { ActorPanel } from './actor/actorPanel.js';
import { FilePanel } from './filePanel.js';
import { ChatPanel } from './message/chatPanel.js';
import { MessagePanel } from './message/messagePanel.js';
import { OperatorPanel } from './operator/operatorPanel.js';
import { RecordPanel } from './record/recordPanel.js';
import { SearchPanel } from './searchPanel.js';
import { WhatIfPanel } from './whatIf/whatIfPanel.js';

const PANELS: Readonly<Record<place.Tab, () => JSX.Element | null>> = {
  record: RecordPanel,
  message: MessagePanel,
  actor: ActorPanel,
  search: SearchPanel,
  whatIf: WhatIfPanel,
  chat: ChatPanel,
  operator: OperatorPanel,
  file: FilePanel,
};

/** The tabs that this journal has: the chat needs the demo world, an operator a running bot. */
export function shownTabs(): readonly place.Tab[] {
  const known = overview.value;
  return place.TABS.filter(
    (tab) => (tab !== 'chat' || known?.demoWorld) && (tab !== 'operator' || (known?.operator && known.kind === 'live')),
  );
}

/** Right: one subject at a time. */
export function Inspector() {
  const tabs = shownTabs();
  const current = tabs.includes(place.tab.value) ? place.tab.value : 'record';
  const Panel = PANELS[current];
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(current) + by + tabs.length) % tabs.length]!;
    place.tab.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <aside class="pane inspector" aria-label={t.value.inspector}>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${current}`}>
        <Panel key={current} />
      </div>
      <div class="rail" role="tablist" aria-orientation="vertical" aria-label={t.value.inspector} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab}
            id={`tab-${tab}`}
            type="button"
            role="tab"
            aria-selected={tab === current}
            aria-controls="panel"
            tabIndex={tab === current ? 0 : -1}
            onClick={() => (place.tab.value = tab)}
          >
            <Icon name={tab} />
            <span>{t.value.tabs[tab]}</span>
          </button>
        ))}
      </div>
    </aside>
  );
}

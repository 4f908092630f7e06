import { Draft } from '../parts/draft.js';
import { dateOf, timeOfDay } from '../parts/format.js';
import { Icon } from '../parts/icons.js';
import { ToldLine } from '../parts/told.js';
import { isFollowing, lastSeq, moments, overview, seq, shownAt } from '../state/data.js';
import { feed } from '../state/live.js';
import * as place from '../state/place.js';
import { chosenLocale, type Theme, theme } from '../state/preferences.js';
import { goLive, goTo } from '../state/timeline.js';
import { locale, t } from '../texts/locale.js';
import { isHelpOpen } from './help.js';

/** What is open, which moment is shown, and how the page looks. */
export function Head() {
  return (
    <header class="head">
      <div class="brand">
        <img src="./icon.svg" alt="" width="22" height="22" />
        <h1>Kintsugi</h1>
      </div>
      <div class="journal">
        <ToldLine text={overview.value?.name ?? ''} />
      </div>
      <Status />
      <When />
      <div class="tools">
        <button type="button" class="tool" onClick={() => (place.tab.value = 'search')} data-tip={t.value.keyHint('/')}>
          <Icon name="search" /> <span class="wideOnly">{t.value.tabs.search}</span>
        </button>
        <LanguageSwitch />
        <ThemeSwitch />
        <button
          type="button"
          class="tool"
          aria-label={t.value.help}
          data-tip={t.value.keyHint('?')}
          onClick={() => (isHelpOpen.value = true)}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}

function Status() {
  const known = overview.value;
  if (!known) return null;
  if (known.kind !== 'live')
    return <span class="status">{known.kind === 'upload' ? t.value.statusUpload : t.value.statusFile}</span>;
  if (feed.value === 'lost' || known.source.state === 'lost')
    return <span class="status bad">{t.value.statusLost}</span>;
  if (known.source.state === 'ended') return <span class="status">{t.value.statusEnded}</span>;
  if (isFollowing.value)
    return (
      <span class="status live">
        <span class="pulse" aria-hidden="true" />
        {t.value.live}
      </span>
    );
  return (
    <button type="button" class="status past" onClick={goLive} data-tip={t.value.keyHint('L')}>
      {t.value.statusPast}
    </button>
  );
}

function When() {
  const at = shownAt.value;
  if (!overview.value || lastSeq.value === 0) return <div class="when" />;
  return (
    <div class={`when ${moments.key.value === seq.value ? '' : 'stale'}`}>
      <span class="soft">{dateOf(at)}</span>
      <time class="clock">{timeOfDay(at, !isFollowing.value)}</time>
      <SeqEntry />
    </div>
  );
}
/** The number of the record, to be read and to be typed. */
function SeqEntry() {
  return (
    <div class="seqEntry">
      <label>
        <span class="soft">{t.value.record}</span>
        <Draft
          id="seq"
          value={String(seq.value)}
          inputMode="numeric"
          autocomplete="off"
          size={Math.max(4, String(lastSeq.value).length)}
          onCommit={(text) => {
            if (/^\s*#?\d+\s*$/.test(text)) goTo(Number(text.replace(/\D/g, '')));
            document.getElementById('seq')?.blur();
          }}
        />
      </label>
      <span class="soft number">/ {lastSeq.value}</span>
    </div>
  );
}

function LanguageSwitch() {
  const other = locale.value === 'zh' ? 'en' : 'zh';
  return (
    <button
      type="button"
      class="tool"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => (chosenLocale.value = other)}
    >
      {other === 'zh' ? '中文' : 'English'}
    </button>
  );
}
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;
export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.peek()) + 1) % THEMES.length]!;
}
function ThemeSwitch() {
  const label = t.value.themes[theme.value];
  return (
    <button type="button" class="tool" aria-label={label} data-tip={label} onClick={nextTheme}>
      <Icon name={THEME_ICONS[theme.value]} />
    </button>
  );
}

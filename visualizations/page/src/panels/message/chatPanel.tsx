import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { openMessage } from '../../parts/chips.js';
import { timeOfDay } from '../../parts/format.js';
import { Told } from '../../parts/told.js';
import { CHANNELS, type Line, lines, openChat, SPEAKERS, say, trouble } from '../../state/chat.js';
import { t } from '../../texts/locale.js';
import { FaultSwitches } from '../operator/faultSwitches.js';

/** The demo world: talk to the bot as a user, and make the platform fail. */
export function ChatPanel() {
  useEffect(openChat, []);
  return (
    <div class="chatPanel">
      <FaultSwitches />
      {trouble.value && <p class="empty bad">{trouble.value}</p>}
      <Lines />
      <Entry />
    </div>
  );
}

function Lines() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current!.scrollTop = box.current!.scrollHeight;
  }, [lines.value.length]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
    <div class="chatLines" ref={box} role="log" aria-label={t.value.tabs.chat} tabIndex={0}>
      {lines.value.length === 0 && <p class="empty">{t.value.chatEmpty}</p>}
      {lines.value.map((line) => (
        <ChatLine key={line.key} line={line} />
      ))}
    </div>
  );
}
function ChatLine({ line }: { line: Line }) {
  const { isBot, who, text, at, form, accepted, status, message } = line;
  return (
    <div class={`chatLine ${isBot ? 'bot' : 'user'} ${accepted ? '' : 'refused'}`}>
      <div class="chatHead">
        <b>{who}</b>
        <span class="soft number">{timeOfDay(at, false)}</span>
        {form && <span class="form">{form}</span>}
        {!accepted && <span class="chip bad">{t.value.refusedWith(status ?? 0)}</span>}
        {message && (
          <button type="button" class="link" onClick={() => openMessage(message)}>
            {t.value.whatHappened}
          </button>
        )}
      </div>
      <div class="bubble">
        <Told text={text} max={600} />
      </div>
    </div>
  );
}

function Entry() {
  const [text, speaker, channel, problem] = [
    useSignal(''),
    useSignal(0),
    useSignal<string>(CHANNELS[0]),
    useSignal<string | null>(null),
  ];
  const submit = async (): Promise<void> => {
    const said = text.value.trim();
    if (said === '') return;
    text.value = '';
    try {
      await say(said, SPEAKERS[speaker.value]!, channel.value);
      problem.value = null;
    } catch (error) {
      [problem.value, text.value] = [String((error as Error).message), said];
    }
  };
  return (
    <form
      class="chatEntry"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="row">
        <label>
          <span class="label">{t.value.speakAs}</span>
          <select value={speaker.value} onChange={(event) => (speaker.value = Number(event.currentTarget.value))}>
            {SPEAKERS.map(({ id, username }, i) => (
              <option key={id} value={i}>
                {username} {i === 0 ? `(${t.value.owner})` : ''}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="label">{t.value.channel}</span>
          <select value={channel.value} onChange={(event) => (channel.value = event.currentTarget.value)}>
            {CHANNELS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <div class="row">
        <input
          id="say"
          value={text.value}
          placeholder={t.value.sayHint}
          aria-label={t.value.sayHint}
          autocomplete="off"
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          {t.value.send}
        </button>
      </div>
      {problem.value && <p class="bad">{problem.value}</p>}
    </form>
  );
}

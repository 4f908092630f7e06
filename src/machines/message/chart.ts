import { emptyContext, messageSetup } from './words.js';

// biome-ignore format: one transition a row
export const messageMachine = messageSetup.createMachine({
  id: 'message',
  context: ({ input }) => ({
    ...emptyContext,
    inbound: input.message,
    options: input.options,
    locale: input.locale,
    receivedAt: input.receivedAt ?? input.at,
  }),
  on: {
    'audit.awaited': [
      { guard: 'isAside', description: 'M30 another reply of it is under audit' },
      { actions: ['markAside', 'tellAside'],
        description: 'M29 a reply of it is under audit: whether it is shown comes by the source of messages' },
    ],
  },
  initial: { target: 'received', description: 'M1 a message first waits for a handler slot' },
  states: {
    received: {
      entry: 'requestSlot',
      always: { guard: 'mayHaveTwin', target: 'pairing',
        description: 'M24 overheard in a group: its twin may say that it mentions the bot' },
      on: {
        'mention.told': { actions: 'learnMention', description: 'M31 its twin came late, and before it is handled' },
        'slot.granted': { target: 'handling', actions: ['countRun', 'runHandler'],
          description: 'M2 a slot is free: run the handler' },
        'slot.denied': [
          { guard: 'isMuted', target: 'refused', actions: 'markRefused',
            description: 'M18 one too many, and the user has been told, or could not be: silence' },
          { target: 'replying', actions: ['markRefused', 'takeNotice', 'requestDeliveries'],
            description: 'M3 too much in hand, or too many commands: refused, and told so' },
        ],
      },
    },
    pairing: {
      on: {
        'mention.told': { target: 'received', actions: 'learnMention', description: 'M25 the twin says so' },
      },
      after: {
        twinMs: { target: 'received', actions: 'endTwinWait', description: 'M26 no twin came: it is only overheard' },
      },
    },
    handling: {
      on: {
        'reply.requested': { actions: ['takeReplies', 'requestDeliveries'],
          description: 'M4 a reply before the handler ends' },
        'delivery.ended': { actions: 'countEnding', description: 'M5 such a reply has ended' },
        'external.requested': { actions: 'countExternal', description: 'M27 its handler calls a foreign API' },
        'handler.completed': { target: 'replying', actions: ['releaseSlot', 'takeReplies', 'requestDeliveries'],
          description: 'M6 the handler ended: send what it said' },
        'handler.failed': { target: 'replying',
          actions: ['releaseSlot', 'rememberFailure', 'takeNotice', 'requestDeliveries', 'notifyError'],
          description: 'M7 the handler threw or returned nonsense: say so, with a reference' },
        'effect.failed': { target: 'replying',
          actions: ['releaseSlot', 'rememberFailure', 'takeNotice', 'requestDeliveries', 'notifyError'],
          description: 'M8 the handler could not be run: say so, with a reference' },
        'effect.interrupted': [
          { guard: 'diedAgain', target: 'pausing',
            description: 'M21 the process died in it more than once: wait, so that one series of kills is no poison' },
          { guard: 'mayRunAgain', target: 'handling', reenter: true, actions: ['countRun', 'runHandler'],
            description: 'M9 the process died in the handler: run it again, with its whole time' },
          { guard: 'isReplyUnderWay', target: 'replying', actions: ['releaseSlot', 'markPoison'],
            description: 'M32 the process died in it too often, a reply is under way: poison, when that has ended' },
          { target: 'deadLettered', actions: ['releaseSlot', 'markPoison'],
            description: 'M10 the process died in it too often: poison' },
        ],
      },
      after: {
        handlerMs: { target: 'replying',
          actions: ['releaseSlot', 'rememberFailure', 'takeNotice', 'requestDeliveries', 'notifyError', 'tellOverdue'],
          description: 'M11 the handler took too long: say so, with a reference' },
      },
    },
    pausing: {
      on: {
        'delivery.ended': { actions: 'countEnding', description: 'M22 a reply of an earlier run has ended' },
      },
      after: {
        rerunMs: { target: 'handling', actions: ['countRun', 'runHandler'],
          description: 'M23 the pause is over: run it again' },
      },
    },
    replying: {
      always: [
        { guard: 'saidNothing', target: 'silent', description: 'M12 the handler chose to say nothing' },
        { guard: 'isDead', target: 'deadLettered', description: 'M13 a reply of it could not be delivered' },
        { guard: 'isUncertain', target: 'uncertain',
          description: 'M14 all replies ended, one of them perhaps twice or never seen' },
        { guard: 'isRefused', target: 'refused', description: 'M15 the busy reply has ended' },
        { guard: 'isOver', target: 'answered', description: 'M16 all replies are delivered' },
      ],
      on: {
        'delivery.ended': { actions: 'countEnding', description: 'M17 a reply has ended' },
      },
    },
    answered: { type: 'final', entry: 'endAnswered' },
    silent: { type: 'final', entry: 'endSilent' },
    refused: { type: 'final', entry: 'endRefused' },
    deadLettered: { type: 'final', entry: ['endDead', 'notifyDead'] },
    uncertain: { type: 'final', entry: 'endUncertain' },
  },
});

import { fixed, type Limit } from '../../base/limit.js';
import { SCENARIO_MAX_MS, SCENARIO_STEPS_MAX, SCENARIOS_MAX } from '../../simulator/control/scenario.js';
import { ATTACHMENTS_MAX, REPEAT_MAX } from '../../simulator/control/schemas.js';
import { FAULTS_MAX } from '../../simulator/faults/faults.js';
import { DELAYED_MAX } from '../../simulator/faults/frames/frameFaults.js';
import { DEPTH_MAX } from '../../simulator/kit/json.js';
import { SHELF_MAX } from '../../simulator/rest/shelf.js';
import { PUSH_LOG_MAX, PUSHES_AT_ONCE, PUSHES_MAX } from '../../simulator/webhook/webhookPush.js';
import { LEDGER_MAX } from '../../simulator/world/ledger.js';
import { MESSAGES_MAX } from '../../simulator/world/messages.js';
import { REPLAY_MAX, SESSIONS_MAX } from '../../simulator/world/sessions.js';

/** Of the simulator. */
export const simulatorLimits: readonly Limit[] = [
  fixed('simulatorDepth', 'nesting of a body that the simulator reads', DEPTH_MAX, 'refused with 400'),
  fixed('simulatorFaults', 'faults in force in the simulator', FAULTS_MAX, 'a further one is refused with 400'),
  fixed('simulatorRepeat', 'messages of one POST /sim/messages', REPEAT_MAX, 'refused with 400'),
  fixed(
    'simulatorMessages',
    'messages in the simulator that can be answered',
    MESSAGES_MAX,
    'the oldest is unknown then (304026)',
  ),
  fixed('simulatorLedger', 'replies, and calls, in the simulator', LEDGER_MAX, 'the oldest tenth is dropped'),
  fixed(
    'simulatorReplay',
    'events that a simulated session keeps for RESUME (and 10 minutes)',
    REPLAY_MAX,
    'the oldest is dropped; RESUME from before it fails',
  ),
  fixed('simulatorSessions', 'simulated sessions', SESSIONS_MAX, 'the oldest that is not connected is dropped'),
  fixed('simulatorAttachments', 'attachments of a message in the simulator', ATTACHMENTS_MAX, 'refused with 400'),
  fixed('simulatorDelayed', 'frames held back for a connection', DELAYED_MAX, 'the oldest goes out early'),
  fixed(
    'simulatorShelf',
    'pins, announcements, schedules, threads, roles and permissions in the simulator, each',
    SHELF_MAX,
    'the oldest is forgotten',
  ),
  fixed('simulatorSteps', 'steps of a scenario', SCENARIO_STEPS_MAX, 'refused with 400'),
  fixed('simulatorScenarioTime', 'milliseconds that a scenario lasts', SCENARIO_MAX_MS, 'refused with 400'),
  fixed(
    'simulatorScenarios',
    'scenarios running, and scenarios remembered',
    SCENARIOS_MAX,
    'a further one is refused with 400; the oldest that is over is forgotten',
  ),
  fixed('simulatorPushesAtOnce', 'webhook pushes to one bot under way', PUSHES_AT_ONCE, 'further ones wait'),
  fixed('simulatorPushes', 'webhook pushes waiting for one bot', PUSHES_MAX, 'the oldest is given up'),
  fixed('simulatorPushLog', 'requests to webhooks in the list', PUSH_LOG_MAX, 'the oldest is forgotten'),
];

import type { Clock, Log, Random } from '../../src/model/clock.ts'
import type { Homeserver } from '../../src/bridge/ports.ts'
import { asUserId, type UserId } from '../../src/model/ids.ts'
import type { RoomRequest } from '../../src/model/room.ts'
import { createHomeserver } from '../../src/matrix/client.ts'
import {
  createFakeHomeserver,
  type FakeHomeserver,
  type FakeHomeserverOptions,
} from '../fakes/homeserver.ts'

/** Time that moves only when somebody sleeps. */
export function createStillClock(start = 1_700_000_000_000): Clock {
  let now = start
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
}

export function createCountingRandom(): Random {
  let count = 0
  return { number: () => 0.5, id: () => `id${String((count += 1)).padStart(20, '0')}` }
}

export type LogLine = { readonly level: string; readonly fields: object; readonly message: string }

export function createRecordingLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { log, lines }
}

export const bot = asUserId('@apbot:hs.test')
export const bob = asUserId('@_ap_bob_fedi.test:hs.test')
export const eve = asUserId('@_ap_eve_fedi.test:hs.test')
export const isOurs = (userId: string): boolean =>
  userId === bot || /^@_ap_.*:hs\.test$/.test(userId)

export type Setup = {
  readonly hs: FakeHomeserver
  readonly client: Homeserver
  readonly clock: Clock
  readonly lines: readonly LogLine[]
}

export function setUp(options: Partial<FakeHomeserverOptions> = {}): Setup {
  const clock = createStillClock()
  const hs = createFakeHomeserver({
    serverName: 'hs.test',
    asToken: 'as-secret',
    bot,
    isOurs,
    isOurAlias: (alias) => /^#_ap_.*:hs\.test$/.test(alias),
    clock,
    random: createCountingRandom(),
    ...options,
  })
  const { log, lines } = createRecordingLog()
  const access = { http: hs.http, baseUrl: 'http://hs.test/', asToken: 'as-secret', botUserId: bot }
  return { hs, clock, lines, client: createHomeserver({ ...access, clock, log }) }
}

export const roomRequest = (
  invite: readonly UserId[] = [],
  other: Partial<RoomRequest> = {},
): RoomRequest => ({
  isDirect: false,
  joinRule: 'knock',
  history: 'shared',
  invite,
  powerLevels: { users: {}, invite: 100, stateDefault: 100, eventsDefault: 0 },
  state: [],
  ...other,
})

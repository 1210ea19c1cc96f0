import { setting } from './setting.ts'
import { trueOrFalse } from './values.ts'

/** What every room is like that the bridge makes. */
export const rooms = {
  federate: setting(trueOrFalse, {
    about: [
      'false: rooms that Footbridge makes never leave your homeserver (m.federate), so that nobody of',
      'another one can be invited or read there; whom permissions let in from elsewhere are told so.',
      'It is set when a room is made: those that are there already keep whom they have.',
    ],
    fallback: true,
  }),
}

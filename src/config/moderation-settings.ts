import { hostNames, oneOf, roomId, userPatterns } from './values.ts'
import { derived, setting } from './setting.ts'

/** Who is kept away. */
export const moderation = {
  allow_list: setting(oneOf(['off', 'on']), {
    about: [
      'on: only servers that the command allow-domain names are let in; nothing of all others comes',
      'here, and nothing goes there.',
    ],
    fallback: 'off',
  }),
  bridged_users: setting(userPatterns, {
    about: [
      'Users of Matrix whom another bridge has made, as patterns: they are nobody here, so that no word',
      'goes from network to network in circles. A line of their own under permissions lets one in.',
    ],
    fallback: ['@_*'],
  }),
  matrix_bridges: setting(hostNames, {
    about: [
      'Other bridges between Matrix and the fediverse, by their hosts (with their subdomains), such as',
      '[bridge.example]: their accounts are people on Matrix, who are not brought back there. Kazarma',
      'and other Footbridges are known by what they say of themselves.',
    ],
    fallback: [],
  }),
  reports_room: derived(roomId, {
    about: [
      'A room of yours, by its id, where reports are told; the bot must be let in there, and everybody',
      'in it reads them. Without one, a room of the admins is made with the first report.',
    ],
    derived: '!abcdef:your-domain.example',
  }),
}

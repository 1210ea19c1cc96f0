import { derived, setting } from './setting.ts'
import { line, lines, oneOf } from './values.ts'

/** What the server says of itself to people. */
export const about = {
  operator: derived(line(300, 'The Example Society, Example Street 1, Exampletown'), {
    about: ['Who runs this server, as the page /about names them.'],
    derived: 'The Example Society, Example Street 1, Exampletown',
  }),
  contact: derived(line(300, 'admin@example.org'), {
    about: ['Where questions and complaints go: a mail address or a link.'],
    derived: 'admin@example.org',
  }),
  rules: setting(lines(500, '[Be kind., No advertising.]'), {
    about: ['The rules of this server, one a line; in the environment, without commas.'],
    fallback: [],
  }),
  blocked_servers: setting(oneOf(['shown', 'obfuscated', 'hidden']), {
    about: [
      'Servers that you keep away (block-domain). shown: by name. obfuscated: with every other letter',
      'left out. hidden: not at all.',
    ],
    fallback: 'shown',
  }),
}

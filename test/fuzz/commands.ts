import { allCommands, findCommand, unknownCommand } from '../../src/commands/help.ts'
import { usage } from '../../src/commands/command.ts'
import { fits, readText, readWords } from '../../src/commands/read-input.ts'
import { wordsOf } from '../../src/commands/words.ts'
import {
  ghostLocalpart,
  localUsername,
  parseGhostLocalpart,
  splitMatrixId,
} from '../../src/model/names.ts'
import { asUserId } from '../../src/model/ids.ts'
import {
  displayHandle,
  matrixEventOf,
  matrixIdOf,
  parseTarget,
  parseUserId,
  safeName,
} from '../../src/model/target.ts'
import { readAccount } from '../../src/activitypub/webfinger-client.ts'
import type { Chance } from '../simulation/chance.ts'
import { dangersInName } from '../support/dangers.ts'
import { markup } from './markup.ts'
import { fromInput, promise, toInput, type Measure, type Target } from './target.ts'
import { oddText, pickFrom } from './values.ts'

const names = [...allCommands.map(({ name }) => name), 'helpp', 'FOLLOW', '!follow', '']
const words: readonly string[] = [
  ...[
    '@bob@social.test',
    'bob@social.test',
    '!group@lemmy.test',
    'acct:bob@social.test',
    '@alice:us.test',
  ],
  ...[
    'https://social.test/@bob',
    'https://matrix.to/#/@_ap_bob_social.test:us.test',
    'matrix:u/alice:us.test',
  ],
  ...[
    'https://matrix.to/#/!room:us.test/$event?via=us.test',
    'matrix:roomid/room:us.test/e/event',
    '[@bob](https://x.test)',
  ],
  ...[
    '--replies',
    '—home',
    '--lang',
    'de',
    '"two words"',
    '“curly”',
    '„low“',
    '"',
    '“',
    '--',
    '--__proto__',
    '-1',
    '5',
    '1e9',
  ],
  ...[
    '<@bob@social.test>',
    '(@bob@social.test)',
    '@bob@söcial.test',
    '@bob@xn--n3h.test',
    '@a@b:8443',
    '@a@[::1]',
    '@a@1.2.3.4',
  ],
  ...[
    '@a@b@c.test',
    '@@',
    '@',
    '@.@.',
    '%E0%A4%A',
    'https://',
    'http://127.0.0.1:6379/',
    'javascript:alert(1)',
    '5m',
    '3 days',
  ],
]

function line(chance: Chance): string {
  const one = (): string => (chance.happens(0.7) ? pickFrom(chance, words, '') : oddText(chance))
  const count = chance.happens(0.99) ? chance.int(6) : chance.between(100, 3_000)
  const rest = Array.from({ length: count }, one).join(
    pickFrom(chance, [' ', '  ', '\n', '', '\u00a0'], ' '),
  )
  return `${pickFrom(chance, names, '')} ${rest}`.slice(0, 60_000)
}

/** A word of letters that names are made of, and some that they are not. */
const alphabet = Array.from(
  'aZ0_.-+~@:/#?%=[]()<>"\'` \\!*|&;,éßİ漢ー\u0301\u200d\u202e\ud83d\ude00',
)

function handle(chance: Chance): string {
  if (chance.happens(0.3)) return pickFrom(chance, words, '')
  const part = (): string =>
    Array.from({ length: chance.between(0, 12) }, () => pickFrom(chance, alphabet, 'a')).join('')
  return `${pickFrom(chance, ['@', '', '!', 'acct:', 'https://', 'matrix:u/'], '')}${part()}@${part()}.test`
}

type Input = { readonly line: string; readonly html?: string; readonly handle: string }

function readCommand({ line: text, html }: Input): string {
  const read = { body: text, mentions: [], ...(html === undefined ? {} : { html }) }
  const [name = 'help', ...rest] = wordsOf(text, read, '!ap')
  const command = findCommand(name, 'admin')
  if (command === undefined) return unknownCommand(name, 'admin')
  const input = command.takesText ? readText(command, text) : readWords(command, rest)
  return fits(command, input) ? command.doing(input.args) : usage(command).text
}

/** Whoever is named is named by one line that deceives nobody. */
function readName(text: string): string {
  const target = parseTarget(text)
  parseUserId(text)
  matrixIdOf(text)
  matrixEventOf(text)
  readAccount(text)
  splitMatrixId(text, '@')
  parseGhostLocalpart('_ap_', text)
  localUsername(asUserId(`@${text}:us.test`), 'us.test')
  if (target === undefined || 'url' in target) return safeName(text, 100)
  const ghost = ghostLocalpart('_ap_', target)
  promise(/^[a-z0-9._=/+-]{1,253}$/.test(ghost), `no Matrix name: ${ghost}`)
  const shown = displayHandle(target)
  promise(dangersInName(shown).length === 0, `the handle deceives: ${dangersInName(shown).join()}`)
  return shown
}

function check(input: Buffer, measure: Measure): void {
  const given = fromInput(input) as Input
  const answer = measure(() => readCommand(given))
  promise(answer.trim() !== '' && answer.isWellFormed(), 'an answer that says nothing')
  promise(answer.length < 4_000, `an answer of ${answer.length} characters`)
  const name = measure(() => readName(given.handle))
  promise(name.isWellFormed(), 'half characters')
  const safe = measure(() => safeName(given.line, 80))
  promise(dangersInName(safe).length === 0, `the name deceives: ${dangersInName(safe).join()}`)
}

export const commandsTarget: Target = {
  name: 'commands',
  share: 343,
  make: (chance) =>
    toInput({
      line: line(chance),
      ...(chance.happens(0.2)
        ? { html: `follow <a href="${pickFrom(chance, words, '')}">x</a>${markup(chance)}` }
        : {}),
      handle: handle(chance),
    }),
  check,
}

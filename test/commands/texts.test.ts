import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import ts from 'typescript'
import { usage } from '../../src/commands/command.ts'
import { allCommands } from '../../src/commands/help.ts'
import { stillAway, stoppedTrying } from '../../src/commands/wait.ts'
import { RejectedError } from '../../src/model/errors.ts'
import { carol, setUp } from './setup.ts'

/** Words that are ours, not the user's: whole words of a sentence, or of a name like `one_two`. */
/** A command may be named as admins name things. */
const withoutCode = (text: string): string => text.replace(/`[^`]*`/g, '``')

const internal =
  /(?<![a-z])(actors?|inbox(es)?|outbox(es)?|portals?|ghosts?|jobs?|mappings?|deliver(y|ies)|activit(y|ies)|objects?|queues?|events?|mxids?|puppets?|webfinger|activitypub|json|http|homeservers?|null|undefined|invalid|illegal|oops|sorry)(?![a-z])/i

/** A full stop, a question mark after a guess, a command, or a link. */
const properEnd = /(?:[.?]|`[^`\n]+`|https:\/\/matrix\.to\/#\/\S+)$/

const away = { away: { host: 'social.test' } }

/** Every answer there is, in the order of a conversation. */
const lines = [
  'whoami',
  'following',
  'followers',
  'follow @bob@social.test',
  'follow @bob@social.test',
  'follow @carol@hs.test',
  'follow @apbot:hs.test',
  'follow @alice@hs.test',
  'follow @x@hs.test',
  'follow @x:hs.test',
  'follow x',
  'follow @x@social.test',
  'follow @odd@social.test',
  'follow',
  'follow @bob@social.test --home',
  'follow @bob@social.test --home',
  'home',
  'home 1',
  'home x',
  'home add',
  'home add @bob@social.test',
  'home add @x@social.test',
  'home add all',
  'home remove @bob@social.test',
  'home remove @bob@social.test',
  'home remove @x@social.test',
  'home add all',
  'open x',
  'open @bob@social.test',
  'open https://social.test/nothing',
  'open https://hs.test/@x/1',
  'backfill',
  'backfill x',
  'backfill 5',
  'unfollow @bob@social.test',
  'unfollow @bob@social.test',
  'unfollow @carol@hs.test',
  'report',
  'report x',
  'report @bob@social.test',
  'report @bob@social.test spam',
  'report @carol@hs.test spam',
  'report @x@social.test spam',
  'dm @bob@social.test',
  'dm @carol@hs.test',
  'dm @alice@hs.test',
  'dm',
  'publish',
  'group',
  'group open',
  'group in',
  'group out',
  'group close',
  'group close confirm',
  'group x',
  'register',
  'register now',
  'whoami',
  'settings',
  'settings dms',
  'settings dms nobody',
  'settings dms x',
  'profile',
  'profile name',
  'profile name Alice',
  'profile nam x',
  'profile bio',
  'profile bio I like cats.',
  'profile avatar',
  'profile field',
  'profile field A b',
  'profile field A',
  'profile locked on',
  'profile locked x',
  'requests',
  'boost',
  'poll',
  'poll 2d',
  'poll soon',
  'poll 1m',
  'poll end',
  'delete',
  'delete all',
  'post',
  'post Hello',
  'post --visibility x y',
  'post --lang 1 y',
  'post --cw',
  'approve @bob@social.test',
  'settings dm',
  'folow',
  '@bob@social.test',
  'gibberish',
]

async function conversation(): Promise<readonly string[]> {
  const { bridge, chat, ask } = await setUp()
  const other = await bridge.meet(carol)
  other.user.say(other.chat, 'register')
  bridge.fediverse.beforeLookup = async (target) => {
    if ('username' in target && target.username === 'odd') throw new RejectedError('odd')
  }
  for (const line of lines) expect([line, await ask(line)]).toEqual([line, [expect.any(String)]])
  other.user.say(other.chat, 'publish')
  await ask('follow @carol@hs.test')
  return [...bridge.notices(chat).slice(1), ...bridge.notices(other.chat).slice(1)]
}

/** String literals of a source file that are sentences; expressions in them become `…`. */
function sentencesOf(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node))
      found.push(
        node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(''),
      )
    else if (ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent))
      found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found.filter((text) => / .* /.test(text))
}

const folder = path.join(import.meta.dirname, '../../src/commands')
const bridge = path.join(import.meta.dirname, '../../src/bridge')
const sources = [
  ...readdirSync(folder).map((name) => path.join(folder, name)),
  ...['actors.ts', 'welcome.ts', 'follows.ts'].map((name) => path.join(bridge, name)),
]
const written = sources.flatMap((file) =>
  sentencesOf(file).map((text) => [path.basename(file), text] as const),
)

describe('texts of the commands', () => {
  test('use no word that is ours, not the user’s', () => {
    expect(written.length).toBeGreaterThan(50)
    // Messages of errors are for the admin, and names of rows are nobody's.
    const forPeople = written.filter(([, text]) => /[.:?`…]$/.test(text))
    expect(forPeople.filter(([, text]) => internal.test(withoutCode(text)))).toEqual([])
  })

  test('are calm: no exclamation marks, no capitals for emphasis', () => {
    expect(written.filter(([, text]) => /!(?!ap|follow|\[|\\|`)|[A-Z]{4,}/.test(text))).toEqual([])
  })

  test('said to a user end properly and are short', async () => {
    const answers = [
      ...(await conversation()),
      ...allCommands.map((command) => usage(command).text),
      ...allCommands.map(({ doing }) => doing(['@bob@social.test', 'x'])),
      stillAway(away),
      stoppedTrying(away),
    ]
    // Lists end with their last line.
    const sentences = answers.filter((text) => !/^(You follow|Your followers) \(\d+\):/.test(text))
    expect(sentences.filter((text) => !properEnd.test(text))).toEqual([])
    expect(sentences.filter((text) => text.length > 400)).toEqual([])
    expect(sentences.filter((text) => internal.test(withoutCode(text)))).toEqual([])
  })

  test('of help name every command, one line each, and end properly', async () => {
    const { ask } = await setUp({ permissionOf: () => 'admin' })
    const [overview = ''] = await ask('help')
    for (const { name, args, help } of allCommands)
      expect(overview.split('\n')).toContain(`\`${`${name} ${args}`.trim()}\` · ${help}`)
    const texts = [overview]
    for (const { name } of allCommands) texts.push(...(await ask(`help ${name}`)))
    expect(
      texts.filter((text) => !properEnd.test(text) || internal.test(withoutCode(text))),
    ).toEqual([])
    expect(
      allCommands.filter(({ help, more = '.' }) => !/\.$/.test(help) || !/\.$/.test(more)),
    ).toEqual([])
  })
})

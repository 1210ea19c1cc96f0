import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { deepestDocument } from '../../src/activitypub/depth.ts'
import { longestDocument } from '../../src/activitypub/fetch.ts'
import { largestBody, mostWaiting } from '../../src/activitypub/inbox.ts'
import { pageSize } from '../../src/activitypub/collections.ts'
import { bounds } from '../../src/activitypub/parse-values.ts'
import { pictureLimits } from '../../src/bridge/media.ts'
import { limitsOf } from '../../src/bridge/stranger-limits.ts'
import { mostEmoticons } from '../../src/translate/emoticons.ts'
import { mostFiles } from '../../src/translate/note-files.ts'
import { mostQuotes } from '../../src/translate/quote-consent.ts'
import { mostReactions } from '../../src/translate/reactions.ts'
import { mostOfHost } from '../../src/translate/reports.ts'
import { mostAnswered } from '../../src/translate/requests.ts'
import { forPlain, forSanitiser } from '../../src/translate/sanitize.ts'
import { refetchInterval } from '../../src/translate/to-matrix.ts'
import { asRoomId, asUserId } from '../../src/model/ids.ts'
import { usualLimits } from '../support/limits.ts'

const root = path.join(import.meta.dirname, '../..')
const text = readFileSync(path.join(root, 'FEDERATION.md'), 'utf8')
const section = (title: string): string =>
  text.split(/^## /m).find((part) => part.startsWith(title)) ?? ''

const count = (number: number): string => number.toLocaleString('en-US')
const each = (...numbers: readonly number[]): string => numbers.map(count).join('; ')
const megabytes = (bytes: number): string => `${bytes / 1_000_000} MB`
const ofDay = ({ ofAuthor, inAll }: { ofAuthor: number; inAll: number }): string =>
  `${count(ofAuthor)} each, ${count(inAll)} in all a day`
const { newAccounts } = usualLimits

const limits: readonly (readonly [what: string, limit: string])[] = [
  ['body of an activity, fetched document', megabytes(largestBody)],
  ['depth of JSON', count(deepestDocument)],
  ['an id', `${count(bounds.id)} characters`],
  ['`preferredUsername`', `${count(bounds.username)} characters`],
  ['`name`; text of an attachment', `${count(bounds.name)} characters`],
  ['`summary` of an actor', `${count(bounds.summary)} characters`],
  ['`content`', `${count(bounds.content)} characters`],
  ['tags of HTML in it', `${count(forPlain.tags)}, or ${count(forSanitiser.tags)} (above)`],
  ['`tag`', `${count(bounds.tags)}, of which ${count(bounds.mentions)} mentions`],
  ['`attachment`', `${count(bounds.attachments)}, of which ${count(mostFiles)} as files`],
  ['fields of an actor', count(bounds.fields)],
  [
    'custom emoji shown in a text',
    `${count(mostEmoticons)}, of ${megabytes(pictureLimits.emoji)} each`,
  ],
  ['`to`, `cc`', `${count(bounds.recipients)} each`],
  ['options of a poll', count(bounds.options)],
  ['items in a page of a collection', count(pageSize)],
  [
    'activities waiting: actor, host, all',
    each(mostWaiting.lane, mostWaiting.host, mostWaiting.all),
  ],
  [
    'activities in a minute: actor, host',
    each(usualLimits.activitiesPerActor, usualLimits.activitiesPerServer),
  ],
  ['fetch after an `Update` by id alone', `once in ${refetchInterval / 1_000} s for an actor`],
  ['reactions of one actor to one post', count(mostReactions)],
  ['`Ping`, `FeatureRequest` of one actor', `${count(mostAnswered)} a day`],
  ['`Flag` of one host in a day', count(mostOfHost)],
  ['quotes of one post by one actor', count(mostQuotes)],
  ['posts of strangers shown to one user', ofDay(limitsOf(asUserId('@a:b')))],
  ['the same in the room of an account', ofDay(limitsOf(asRoomId('!a:b')))],
  ['accounts looked up for one activity', count(usualLimits.accountsPerRequest)],
  [
    'posts, follows of a user in an hour',
    each(usualLimits.postsPerHour, usualLimits.followsPerHour),
  ],
  ['people named in a post of a user', count(usualLimits.mentionsPerPost)],
  ['people named by a user in an hour', count(usualLimits.mentionsPerHour)],
  [
    'posts, follows, people of who is new',
    each(newAccounts.postsPerHour, newAccounts.followsPerHour, newAccounts.mentionsPerHour),
  ],
]

/** Every file of the sources, as text. */
const sources = (): string =>
  readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')

describe('FEDERATION.md', () => {
  test('has the limits that the code keeps', () => {
    expect(longestDocument).toBe(largestBody)
    const table = section('Limits')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map((line) => line.split('|').map((cell) => cell.trim()))
    expect(table.map(([, what, limit]) => [what, limit])).toEqual(limits)
  })

  test('lists the proposals that the code follows, and no other', () => {
    const listed = [...section('Supported FEPs').matchAll(/^- \[FEP-(\w{4})\].*\/\1\/fep-\1\.md/gm)]
    const followed = [...sources().matchAll(/\bFEP[-/](\w{4})\b/gi)]
    // The document itself is one.
    const ids = ['67ff', ...followed.map(([, id = '']) => id.toLowerCase())]
    expect(listed.map(([, id]) => id).sort()).toEqual([...new Set(ids)].sort())
  })
})

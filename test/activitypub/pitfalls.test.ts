import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'

/**
 * Where each known pitfall of federation is shown, by its number in the list: in a row of the tables of
 * `tolerance*.test.ts` that begins with the number, or in another test, by file and title.
 */
const tests = path.join(import.meta.dirname, '..')
const count = 62

const elsewhere: Readonly<Record<number, readonly (readonly [file: string, title: string])[]>> = {
  2: [
    ['activitypub/routes.test.ts', 'knows a local actor as %s'],
    ['activitypub/discovery.test.ts', 'self with a charset'],
  ],
  3: [
    ['activitypub/discovery.test.ts', 'by host-meta where there is no WebFinger'],
    ['activitypub/discovery.test.ts', 'after a 403 nothing else is tried'],
    ['activitypub/routes.test.ts', 'answers %p with %i'],
  ],
  4: [['activitypub/discovery.test.ts', 'two hops of subjects']],
  5: [['activitypub/routes-access.test.ts', 'GET %s for %s is answered %i']],
  7: [
    ['activitypub/routes-access.test.ts', 'GET %s for %s is answered %i'],
    ['activitypub/fetch.test.ts', 'an id that is not the URL'],
  ],
  21: [['flows/follow.test.ts', 'and a new follow after it has an id of its own']],
  23: [
    ['activitypub/inbox.test.ts', 'because its key cannot be fetched now is answered 503'],
    ['activitypub/routes-inbox.test.ts', 'asks to come again where it cannot look up whose it is'],
  ],
  24: [['activitypub/lead-back.test.ts', 'nothing leaves before the domain has answered for us']],
  25: [
    ['flows/hosts.test.ts', 'GoToSocial, which has no shared inbox, gets one delivery a second'],
  ],
  27: [
    ['activitypub/signature.test.ts', 'covers target with query, host, date, digest'],
    ['activitypub/signature.test.ts', 'accepts a signature that left the query out'],
  ],
  28: [['activitypub/deliver.test.ts', 'is signed anew for every try']],
  29: [['activitypub/key-pairs.test.ts', 'are RSA as every server reads it']],
  38: [
    ['activitypub/deliver.test.ts', 'says by %s who follows from there, and signs that'],
    ['activitypub/followers-sync.test.ts', 'is that of FEP-8fcf, in whatever order'],
  ],
  39: [['flows/followers-quoted.test.ts', 'is boosted by its author, and by nobody else']],
  // What is theirs to read comes as a private message.
  41: [['flows/chats.test.ts', 'are all that Lemmy takes before 1.0, with warnings in words']],
  // What they answer with an error is given up, and their Follow stays.
  43: [['queue/retry.test.ts', 'a refusal is tried again over some hours']],
  50: [['activitypub/quote-document.test.ts', 'says so under every name that software looks for']],
  51: [['activitypub/signed-http.test.ts', 'answers %s %i first, then takes it, once']],
  52: [['fixtures/html-to-fediverse.json', 'links that the fediverse strips']],
  53: [['activitypub/deliver.test.ts', 'posts the stored text with a signature']],
  54: [['flows/user-limits.test.ts', 'a post that names too many people is not sent']],
  55: [['activitypub/routes-access.test.ts', 'is not gone because we could not look']],
  56: [['startup.test.ts', 'activitypub.handle_domain']],
  57: [['fixtures/html-to-fediverse.json', 'paragraphs and lines of plain text']],
  59: [['activitypub/routes-access.test.ts', '/objects/public']],
  62: [['activitypub/inbox.test.ts', 'because its key cannot be fetched now is answered 503']],
}

const folder = path.join(tests, 'activitypub')
const rows = readdirSync(folder)
  .filter((name) => name.startsWith('tolerance'))
  .map((name) => readFileSync(path.join(folder, name), 'utf8'))
  .join('\n')

const numbers = Array.from({ length: count }, (_, index) => index + 1)
const hasRow = (number: number): boolean => new RegExp(`^ +\\[?['"]${number}: `, 'm').test(rows)

describe('a known pitfall of federation', () => {
  test.each(numbers)('%i has a row, or is shown elsewhere', (number) => {
    expect(hasRow(number) || number in elsewhere).toBe(true)
  })

  test.each(Object.values(elsewhere).flat())('is shown in %s: %s', (file, title) => {
    expect(readFileSync(path.join(tests, file), 'utf8')).toContain(title)
  })
})

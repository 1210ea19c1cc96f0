import { describe, expect, test } from '@jest/globals'
import { domainIn, mostBlocks, readBlocklist } from '../../src/bridge/blocklist-csv.ts'

const head = '#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n'
const read = (text: string) => readBlocklist(text, (domain) => domain === 'here.example')
const plain = { rejectsMedia: false, rejectsReports: false, isObfuscated: false }

describe('a list of blocks', () => {
  test('in the form of Mastodon is read with all that it says', () => {
    const text = `${head}Bad.example,suspend,TRUE,true,"spam, and ""more""",false\nloud.example,silence,,,,TRUE\nnoop.example,noop,True,False,,\n`
    expect(read(text)?.blocks).toEqual([
      {
        ...{ domain: 'bad.example', severity: 'suspend', publicComment: 'spam, and "more"' },
        ...{ rejectsMedia: true, rejectsReports: true, isObfuscated: false },
      },
      { ...plain, domain: 'loud.example', severity: 'silence', isObfuscated: true },
      { ...plain, domain: 'noop.example', severity: 'none', rejectsMedia: true },
    ])
  })

  test('keeps what is for everybody apart from what is for admins', () => {
    const text = `#domain,#public_comment,#private_comment\na.example,spam,asked twice\nb.example, ,told by carol\nc.example,${'x'.repeat(600)},\n`
    expect(read(text)?.blocks).toEqual([
      {
        ...{ ...plain, domain: 'a.example', severity: 'suspend' },
        ...{ publicComment: 'spam', reason: 'asked twice' },
      },
      { ...plain, domain: 'b.example', severity: 'suspend', reason: 'told by carol' },
      { ...plain, domain: 'c.example', severity: 'suspend', publicComment: 'x'.repeat(500) },
    ])
  })

  test('of domains alone suspends them', () => {
    expect(read('\uFEFFa.example\nb.example\n')?.blocks).toEqual([
      { ...plain, domain: 'a.example', severity: 'suspend' },
      { ...plain, domain: 'b.example', severity: 'suspend' },
    ])
  })

  test('leaves out what is shown in part, what is ours, and what comes twice', () => {
    const text = `${head}b**.example,suspend\nhere.example,suspend\na.example,suspend\na.example,silence\nb.example,wrong\nc.example,suspend\nd.example,suspend\n`
    expect(read(text)).toMatchObject({
      blocks: [{ domain: 'a.example', severity: 'suspend' }, { domain: 'c.example' }, {}],
      skipped: 3,
    })
  })

  test.each([
    ['nothing', ''],
    ['a page', '<!doctype html><html><body>Sorry</body></html>'],
    ['a broken quote', `${head}"a.example,suspend\n`],
    ['mostly something else', 'a.example\nhello\nworld\n'],
    ['endless', 'x'.repeat(1_000_000)],
    ['too many', Array.from({ length: mostBlocks + 2 }, (_, n) => `a${n}.example`).join('\n')],
  ])('is none: %s', (_, text) => {
    expect(read(text)).toBeUndefined()
  })
})

test.each([
  ['https://a.example/x', 'a.example'],
  ['@bob@a.example', 'a.example'],
  ['*.a.example', 'a.example'],
  ['BÜCHER.example', 'xn--bcher-kva.example'],
  ['a', undefined],
  ['a b.example', undefined],
  ['a.b.c.d.e.f.g.h.i', undefined],
])('the domain in %j is %j', (text, domain) => {
  expect(domainIn(text)).toBe(domain)
})

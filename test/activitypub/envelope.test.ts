import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { scanEnvelope } from '../../src/activitypub/envelope.ts'
import { readEnvelope } from '../../src/activitypub/parse.ts'

const bob = 'https://remote.example/users/bob'
const scan = (text: string) => scanEnvelope(Buffer.from(text))

describe('the envelope of an unproven activity', () => {
  test.each<[string, string, unknown]>([
    ['plain', `{"type":"Like","actor":"${bob}"}`, { type: 'Like', actor: bob }],
    [
      'with whitespace',
      ` { "type" :\n"Like"\t, "actor" : "${bob}" } `,
      { type: 'Like', actor: bob },
    ],
    ['by an embedded actor', `{"actor":{"name":"}","id":"${bob}"}}`, { actor: bob }],
    [
      'by the JSON-LD names',
      `{"@type":"Like","actor":{"@id":"${bob}"}}`,
      { type: 'Like', actor: bob },
    ],
    ['of several types', '{"type":["Like","EmojiReact"]}', { type: 'Like' }],
    ['with names in escapes', '{"\\u0074ype":"\\u004cike"}', { type: 'Like' }],
    ['with a name twice: the last', '{"type":"Like","type":"Follow"}', { type: 'Follow' }],
    ['with the names further in', '{"a":{"type":"Like"},"b":[{"type":"x"}]}', {}],
    ['with a text that looks like more', '{"content":"\\",\\"type\\":\\"Like"}', {}],
    ['without values', '{"type":null,"actor":7,"object":[]}', {}],
    [
      'of an object',
      `{"type":"Delete","object":{"x":[{}],"id":"${bob}"}}`,
      { type: 'Delete', object: bob },
    ],
    ['whose object decides nothing', `{"type":"Like","object":"${bob}"}`, { type: 'Like' }],
    ['in no object', '[{"type":"Like"}]', undefined],
    ['in nothing', '', undefined],
    ['that does not end', '{"type":"Like"', undefined],
    ['that ends in a text', '{"type":"Like', undefined],
    ['32 levels deep', `{"x":${'['.repeat(31)}${']'.repeat(31)}}`, {}],
    ['33 levels deep', `{"x":${'['.repeat(32)}${']'.repeat(32)}}`, undefined],
    ['of a very long id', `{"actor":"${bob}/${'x'.repeat(20_000)}"}`, {}],
  ])('%s', (_, text, expected) => {
    expect(scan(text)).toEqual(expected)
  })

  test('parses none of the rest', () => {
    const parse = jest.spyOn(JSON, 'parse')
    const rest = JSON.stringify({
      content: 'x'.repeat(10_000),
      tag: Array(500).fill({ name: 'y' }),
    })
    scan(`{"type":"Update","actor":"${bob}","object":{"id":"${bob}","x":${rest}},"y":${rest}}`)
    const parsed = parse.mock.calls.map(([text]) => text)
    parse.mockRestore()
    expect(parsed).toEqual(['"Update"', `"${bob}"`, `"${bob}"`])
  })

  const id = fc.constantFrom<unknown>(bob, `${bob}#1`, 'no url', '', 7, null, true, 'ä\\"[{')
  const pointer = fc.oneof(
    id,
    fc.dictionary(fc.constantFrom('id', '@id', 'type', 'x'), id, { maxKeys: 3 }),
    fc.array(fc.oneof(id, fc.record({ id })), { maxLength: 3 }),
  )
  const type = fc.oneof(
    fc.constantFrom<unknown>('Delete', 'Update', 'Like', 'as:Delete', '', null, 7),
    fc.array(fc.constantFrom('Delete', 'Like', ''), { maxLength: 3 }),
  )
  const member = fc.oneof(
    fc.tuple(fc.constantFrom('type', '@type'), type),
    fc.tuple(fc.constantFrom('actor', 'object', 'id'), pointer),
    fc.tuple(fc.string(), fc.jsonValue({ maxDepth: 3 })),
  )
  const space = fc.constantFrom('', ' ', '\n', '\t ')

  test('is read as the whole document is', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), space, (members, gap) => {
        const inside = members.map(
          ([name, value]) =>
            `${gap}${JSON.stringify(name)}${gap}:${gap}${JSON.stringify(value, null, gap)}${gap}`,
        )
        const text = `{${inside.join(',')}}`
        const { type: ofWhole, actor, object } = readEnvelope(JSON.parse(text))
        const isRead = ofWhole === 'Delete' || ofWhole === 'Update'
        expect(scan(text)).toEqual({
          ...(ofWhole === undefined ? {} : { type: ofWhole }),
          ...(actor === undefined ? {} : { actor }),
          ...(object === undefined || !isRead ? {} : { object }),
        })
      }),
      { numRuns: 3_000 },
    )
  })
})

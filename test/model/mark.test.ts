import { describe, expect, test } from '@jest/globals'
import { asEventId, asRoomId } from '../../src/model/ids.ts'
import { lifeOfMark, marksOfEvent, passingMarks } from '../../src/model/mark.ts'

describe('how long a mark is kept', () => {
  test.each([
    ['told answer $event', 'passing'],
    ['told Follows https://remote.example/1', 'passing'],
    ['told became https://fedi.example.org/actors/1', 'lasting'],
    ['told unregistered @a:example.org !r:example.org', 'lasting'],
    ['told unshown reaction social.test !r:example.org', 'lasting'],
    ['told welcome !r:example.org', 'lasting'],
    ['told welcomed by $event', 'passing'],
    ['seen $event', 'passing'],
    ['decided $event', 'passing'],
    ['away $event', 'passing'],
    ['inviting !r:example.org @a:example.org', 'passing'],
    ['leaving !r:example.org', 'passing'],
    ['left !r:example.org @a:example.org', 'passing'],
    ['half made #_ap_b:example.org', 'passing'],
    ['begun !r:example.org https://remote.example/1', 'passing'],
    ['bringing catch-up https://remote.example/bob 1767601380000', 'passing'],
    ['read back https://remote.example/1', 'passing'],
    ['shown !r:example.org $event', 'passing'],
    ['stranger rooms @a:example.org 20000', 'passing'],
    ['stranger chat @a:example.org 20000 hash', 'passing'],
    ['stranger shown @a:example.org 20000 https://remote.example/users/b x', 'passing'],
    ['stranger held !r:example.org 20000 https://remote.example/1', 'passing'],
    ['stranger notice !r:example.org 20000', 'passing'],
    ['backlog plan https://remote.example/users/b', 'passing'],
    ['backlog https://remote.example/users/b', 'lasting'],
    ['moved !r:example.org', 'lasting'],
    ['followed on https://remote.example/users/b', 'lasting'],
    ['lost !r:example.org', 'lasting'],
    ['readers https://remote.example/users/b', 'lasting'],
    ['alias actor https://remote.example/users/b', 'lasting'],
    ['names', 'lasting'],
    ['sealed over', 'lasting'],
    ['hidden !r:example.org $event', 'mapped'],
    ['summary !r:example.org $event', 'mapped'],
    ['tally !r:example.org $event', 'mapped'],
    ['poll ended !r:example.org $event', 'mapped'],
    ['something new', undefined],
  ])('%s: %s', (key, life) => {
    expect(lifeOfMark(key)).toBe(life)
  })

  test('each that passes is found where it is looked for', () => {
    expect(passingMarks.map((beginning) => lifeOfMark(`${beginning}x`))).toEqual(
      passingMarks.map(() => 'passing'),
    )
  })

  test('those of an event are named after it', () => {
    expect(marksOfEvent(asRoomId('!r:example.org'), asEventId('$event'))).toEqual([
      'hidden !r:example.org $event',
      'summary !r:example.org $event',
      'tally !r:example.org $event',
      'poll ended !r:example.org $event',
    ])
  })
})

import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { faultOf, faultOfVersion, sectionOf, withSection } from '../../scripts/changelog.ts'

test.each([
  ['0.1.1', '0.1.0'],
  ['0.2.0', '0.1.9'],
  ['1.0.0', '0.10.3'],
  ['0.10.0', '0.9.9'],
])('%s may follow %s', (next, last) => {
  expect(faultOfVersion(next, last)).toBeUndefined()
})

test.each([
  ['0.1.0', '0.1.0'],
  ['0.1.0', '0.1.1'],
  ['0.9.9', '0.10.0'],
  ['1', '0.1.0'],
  ['v0.2.0', '0.1.0'],
  ['0.2.0-rc.1', '0.1.0'],
  ['0.2', '0.1.0'],
])('%s may not follow %s', (next, last) => {
  expect(faultOfVersion(next, last)).toContain(next)
})

test.each([
  ['queue.feature.md', 'Words.', 'named like'],
  ['6-queue.feature.txt', 'Words.', 'named like'],
  ['6-Queue.fix.md', 'Words.', 'named like'],
  ['6-queue.chore.md', 'Words.', 'named like'],
  ['6-queue.fix.md', ' \n', 'says nothing'],
  ['6-queue.fix.md', '# Title\n', 'one paragraph'],
  ['6-queue.fix.md', 'One.\n\nTwo.', 'one paragraph'],
  ['6-queue.fix.md', 'x'.repeat(1_001), 'longer'],
])('%s %j is refused', (name, text, why) => {
  expect(faultOf({ name, text })).toContain(why)
})

test('every fragment here may go into a release', () => {
  const folder = new URL('../../changelog.d/', import.meta.url)
  const names = readdirSync(folder).filter((name) => name !== 'README.md')
  for (const name of names)
    expect(faultOf({ name, text: readFileSync(new URL(name, folder), 'utf8') })).toBeUndefined()
})

const fragments = [
  { name: '10-later.fix.md', text: 'Later.\n' },
  { name: '9-first.fix.md', text: 'First,\nin two lines.\n' },
  { name: '3-new.feature.md', text: 'New.' },
]

const section = `## 0.2.0 (2030-01-31)

### New

- New.

### Mended

- First,
  in two lines.
- Later.`

test('a section lists the fragments by kind, in the order of their issues', () => {
  expect(sectionOf(fragments, { version: '0.2.0', date: '2030-01-31' })).toBe(section)
})

test('it comes before the older ones, with what stood under Unreleased', () => {
  const before = '# Changelog\n\n## Unreleased\n\nIn short.\n\n## 0.1.0 (2029-01-01)\n\n- Old.\n'
  expect(withSection(before, section)).toBe(
    `# Changelog\n\n## Unreleased\n\n${section.replace('\n\n###', '\n\nIn short.\n\n###')}\n\n## 0.1.0 (2029-01-01)\n\n- Old.\n`,
  )
})

test('it is the first one where there was none', () => {
  expect(withSection('# Changelog\n\n## Unreleased\n', section)).toBe(
    `# Changelog\n\n## Unreleased\n\n${section}\n`,
  )
  expect(() => withSection('# Changelog\n', section)).toThrow('Unreleased')
})

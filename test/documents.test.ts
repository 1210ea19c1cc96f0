import { expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { exitCodes } from '../src/cli/failure.ts'
import { anchorsOf } from './support/headings.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

const documents = ['.', 'docs', 'docs/adr'].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
)

const withoutCode = (text: string): string =>
  text.replace(/^ *```[^]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '')

const anchorsIn = (file: string): readonly string[] => anchorsOf(read(file))

/** What leads nowhere of what a document links to beside it. */
function deadLinksOf(file: string): readonly string[] {
  const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to)
  return links.filter((link) => {
    if (/^[a-z]+:/i.test(link)) return false
    const [target = '', anchor] = link.split('#')
    const other = target === '' ? file : path.join(path.dirname(file), decodeURI(target))
    if (!existsSync(path.join(root, other))) return true
    return anchor !== undefined && other.endsWith('.md') && !anchorsIn(other).includes(anchor)
  })
}

test.each(documents)('every link of %s leads somewhere', (file) => {
  expect(deadLinksOf(file)).toEqual([])
})

test('a link that leads nowhere would be found', () => {
  expect(anchorsIn('README.md')).toContain('ten-minutes-to-a-bridge-of-your-own')
  expect(anchorsIn('README.md')).not.toContain('nothing')
})

type Compose = {
  readonly services: Readonly<
    Record<string, { readonly networks: readonly string[]; readonly volumes?: readonly string[] }>
  >
  readonly networks: object
  readonly volumes: object
}

test('what the compose file mounts and joins is there', () => {
  const { services, networks, volumes } = parse(read('deploy/compose/compose.yaml')) as Compose
  for (const [name, service] of Object.entries(services)) {
    expect(Object.keys(networks)).toEqual(expect.arrayContaining([...service.networks]))
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      // Written by the operator, by the steps of docs/deploying.md.
      if (source === './registration.yaml') continue
      const isThere = source.startsWith('.')
        ? existsSync(path.join(root, 'deploy/compose', source))
        : Object.keys(volumes).includes(source)
      expect([name, source, isThere]).toEqual([name, source, true])
    }
  }
})

test('the service starts nothing again that cannot get better by itself', () => {
  const unit = read('deploy/footbridge.service')
  const [, codes = ''] = /^RestartPreventExitStatus=(.+)$/m.exec(unit) ?? []
  const { usage, badConfig, oldNode, wrongKey, badDatabase } = exitCodes
  expect(codes.split(' ').map(Number)).toEqual([usage, badConfig, oldNode, wrongKey, badDatabase])
})

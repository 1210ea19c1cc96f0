/**
 * Makes a release, or says why there is none yet:
 *
 *   npm run release -- 0.2.0            checks all, then commits and tags v0.2.0
 *   npm run release -- 0.2.0 --dry-run  checks all but the tests, and prints the section of the changelog
 *
 * It pushes nothing.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { faultOf, faultOfVersion, type Fragment, sectionOf, withSection } from './changelog.ts'

const folder = 'changelog.d'

const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' })
const show = (command: string, ...args: readonly string[]): void =>
  void execFileSync(command, args, { stdio: 'inherit' })

const fragments = (): readonly Fragment[] =>
  readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }))

function faults(version: string, gathered: readonly Fragment[]): readonly string[] {
  const { version: last } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const isTagged = run('git', 'tag', '--list', `v${version}`).trim() !== ''
  return [
    faultOfVersion(version, last),
    isTagged ? `there is a tag v${version} already` : undefined,
    run('git', 'status', '--porcelain').trim() === '' ? undefined : 'there is uncommitted work',
    gathered.length > 0 ? undefined : `nothing has changed: ${folder} is empty`,
    ...gathered.map(faultOf),
  ].filter((fault) => fault !== undefined)
}

/** Everything that a release changes, as one commit. */
function write(version: string, section: string, gathered: readonly Fragment[]): void {
  writeFileSync('CHANGELOG.md', withSection(readFileSync('CHANGELOG.md', 'utf8'), section))
  for (const { name } of gathered) rmSync(`${folder}/${name}`)
  show('npm', 'version', version, '--no-git-tag-version', '--ignore-scripts')
  show('npx', 'prettier', '--write', 'CHANGELOG.md')
  show('git', 'add', '--all')
  show('git', 'commit', '--quiet', '--message', `release: ${version}`)
  show('git', 'tag', '--annotate', `v${version}`, '--message', `Footbridge ${version}`)
}

function main(): number {
  const { values, positionals } = parseArgs({
    options: { 'dry-run': { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [version] = positionals
  if (version === undefined) {
    console.error('Which version? npm run release -- 0.2.0')
    return 2
  }
  const gathered = fragments()
  const found = faults(version, gathered)
  if (found.length > 0) {
    console.error(found.map((fault) => `✘ ${fault}`).join('\n'))
    return 1
  }
  const section = sectionOf(gathered, { version, date: new Date().toISOString().slice(0, 10) })
  if (values['dry-run']) {
    console.log(section)
    return 0
  }
  show('npm', 'test')
  write(version, section, gathered)
  console.log(`Made v${version}. It leaves this machine by: git push --follow-tags`)
  return 0
}

process.exitCode = main()

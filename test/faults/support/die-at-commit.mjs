/**
 * Loaded into the bridge's process with `--import`: it dies right after the n-th commit since the
 * file that DIE_AT_COMMIT names last changed. The file says `<name of this order> <n>`.
 */
import Database from 'better-sqlite3'
import { readFileSync } from 'node:fs'

const { prepare } = Database.prototype
let order
let left = 0

function count() {
  const [name, n] = readFileSync(process.env.DIE_AT_COMMIT, 'utf8').split(' ')
  if (name !== order) [order, left] = [name, Number(n)]
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql)
  if (sql !== 'commit') return statement
  return {
    run() {
      const result = statement.run()
      count()
      return result
    },
  }
}

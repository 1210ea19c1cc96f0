/** Milliseconds of processor time: how busy the machine is with others does not matter. */
export async function cpuTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage().user
  await work()
  return (process.cpuUsage().user - before) / 1000
}

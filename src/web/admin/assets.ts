import { assetsAt } from '../pages/assets.ts'
import { style } from '../pages/style.ts'
import { adminStyle } from './style.ts'

/** Below /admin: a proxy need pass on nothing else. */
export const adminAssets = assetsAt('/admin/assets', style + adminStyle)

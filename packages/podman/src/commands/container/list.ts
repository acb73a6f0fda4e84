import { command as ps } from '../ps.ts'

export const command = { ...ps, aliases: ['ls'] }

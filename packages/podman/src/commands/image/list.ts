import { command as images } from '../images.ts'

export const command = { ...images, aliases: ['ls'] }

export { default } from '../../ava.base.js'

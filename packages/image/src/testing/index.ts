export { type RandomImageOptions, randomImage } from './random-image.ts'
export { type SuiteAssertions, type SuiteTest, type TransportUnderTest, transportSuite } from './transport-suite.ts'

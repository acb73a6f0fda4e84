export { driverSuite, type SuiteAssert, type SuiteTest, tarOf } from './driver-suite.ts'

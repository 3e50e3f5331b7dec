// Package payroll shows what was counted of duty: the API's duty report as JSON and as
// tables for spreadsheets, the console's page with who had how many nights, and the
// monthly document of each person, which is printed.
//
// What is counted, and how, is package report's. Each person sees their own, a manager
// everybody's.
package payroll

// Package upstream speaks to the monitoring tools that alerts come from: it
// acknowledges there, and asks. A tool is a type and a file.
//
// An address is configuration and may be anywhere. No redirect is followed, so a
// tool leads nobody elsewhere. A call takes as long as its context allows, ten
// seconds at most; what is read of an answer is bounded. No error names an address or
// a secret.
package upstream

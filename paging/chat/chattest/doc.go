// Package chattest has stand-ins for Slack, Mattermost and Teams, which check what they
// are asked as the products' documents say, and answer in their words. Each is an
// http.RoundTripper, so that it answers in a bubble of testing/synctest too.
package chattest

package redisstore

import (
	"net/url"
	"strings"
)

// root begins every key, so that others can share the Redis and an ACL can
// name our keys.
const root = "astreinte:"

// Keys that belong to no source.
const (
	sourcesKey = root + "sources"
	homesKey   = root + "homes"
	layoutKey  = root + "layout"
	upgradeKey = root + "upgrade:{" + layoutKey + "}" // in its slot
	checkKey   = root + "check"
	lossKey    = root + "loss"
	paceKey    = root + "{pace}:" // a prefix
)

// sourceKey is the prefix of a source's keys.
func sourceKey(source string) string { return root + tag(source) + ":" }

// sourceOf is the source that a key belongs to.
func sourceOf(key string) (source string, ok bool) {
	_, rest, _ := strings.Cut(key, "{")
	escaped, _, _ := strings.Cut(rest, "}")
	source, err := url.PathUnescape(escaped)
	return source, err == nil && strings.HasPrefix(key, sourceKey(source))
}

// phoneKey is the prefix of a phone's keys.
func phoneKey(phone string) string { return root + "phone:" + tag(phone) + ":" }

// linkKey is a link's key, by the hash of its token.
func linkKey(hash string) string { return root + "link:" + hash }

// providerKey names the page that a provider's id stands for.
func providerKey(id string) string { return root + "provider:" + id }

// numbersKey is the hash of number → source for all numbers of the same
// prefix. Numbers and prefixes give the same key, whatever digits a prefix
// ends in.
func numbersKey(number string) string { return root + "numbers:" + family(number) }

// sequenceKey is the counter of a prefix's numbers, in the slot of its
// numbersKey.
func sequenceKey(prefix string) string { return root + "sequence:" + family(prefix) + ":" + prefix }

func family(number string) string { return tag(strings.TrimRight(number, "0123456789")) }

// tag is a hash tag of any text: in braces, never empty, with no brace inside.
func tag(text string) string {
	if text == "" {
		return "{%}" // no escaped text is this
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteByte('{')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '{' || c == '}' || c == '%' || c <= ' ' || c >= 0x7f:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('}')
	return b.String()
}

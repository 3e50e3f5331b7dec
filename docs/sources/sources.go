// Package sources holds what people take from the daemon and put into their
// monitoring tools. The pages beside it say how.
package sources

import _ "embed" // the file is an asset

// ZabbixMediaType is the media type to import into Zabbix
// (docs/sources/zabbix.md), in the form of Zabbix 6.0's exports, which later
// versions read too.
//
//go:embed zabbix-media-type.yaml
var ZabbixMediaType []byte

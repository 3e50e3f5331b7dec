package ticket

import "strings"

// Parted are the two parts of a title that begins with this host: where and
// what. Where it does not, all of it is what.
func Parted(title, host string) (where, what string) {
	if rest, ok := strings.CutPrefix(title, host+" "); ok && host != "" {
		return host, rest
	}
	return "", title
}

// BareHost is a host without the number of a port.
func BareHost(host string) string {
	i := strings.LastIndexByte(host, ':')
	if i <= 0 || i == len(host)-1 || len(host)-i > len(":65535") || strings.Trim(host[i+1:], "0123456789") != "" {
		return host
	}
	if strings.Contains(host[:i], ":") && host[i-1] != ']' {
		return host // an IPv6 address
	}
	return host[:i]
}

// DomainOf is what follows a host's own name, empty if there is nothing: no
// domain, an address, a URL.
func DomainOf(host string) string {
	host = BareHost(host)
	own, domain, _ := strings.Cut(host, ".")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if own == "" || strings.ContainsAny(host, "/: ") || strings.Trim(last, "0123456789") == "" {
		return ""
	}
	return domain
}

// SharedDomain is as much of a domain as a host is in too, in whole labels.
func SharedDomain(domain, host string) string {
	has := "." + DomainOf(host)
	for domain != "" && !strings.HasSuffix(has, "."+domain) {
		_, domain, _ = strings.Cut(domain, ".")
	}
	return domain
}

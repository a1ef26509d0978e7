# Reads file names, one a line, prints "group TAB file": groups of at most `most` files that can be
# compiled as one. A file joins the smallest group that has none of its names, which are what begins
# in the first column: what it has in unnamed namespaces stands there, as .clang-format lays it out.
# A member "Type Class::name" clashes with nothing.
function names_of(file, found,    line, name) {
  split("", found)
  while ((getline line < file) > 0) {
    if (line !~ /^[A-Za-z#]/ || line ~ /^(namespace|template|using|#[^d])/) continue
    if (line ~ /^[A-Z][A-Z_]+\(/) gsub(/[(, ]/, "_", line)
    sub(/^#define +/, "", line)
    sub(/[({=;)].*/, "", line)
    sub(/ *(final)? *( : .*)?$/, "", line)
    sub(/ +$/, "", line)
    if (match(line, /[A-Za-z_0-9:~]+$/) == 0) continue
    name = substr(line, RSTART)
    if (name !~ /::/) found[name]
  }
  close(file)
}

function clashes(group, found,    name) {
  for (name in found) if ((group, name) in taken) return 1
  return 0
}

{ file[NR] = $0 }

END {
  groups = int((NR + most - 1) / most)
  for (i = 1; i <= NR; i++) {
    names_of(file[i], found)
    best = 0
    for (g = 1; g <= groups; g++)
      if (members[g] < most && !clashes(g, found) && (!best || members[g] < members[best])) best = g
    if (!best) best = ++groups
    members[best]++
    for (name in found) taken[best, name]
    printf "%d\t%s\n", best, file[i]
  }
}

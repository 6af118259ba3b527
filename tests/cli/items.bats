# Where each takes its items from, and how they come into the command.
# shellcheck disable=SC1083  # braces are what this is about
load helper

# Prints its arguments, each in brackets.
brackets='for i; do printf "[%s]" "$i"; done; echo'

# The words that each child gets.
words() { # OPTIONS... -- WORDS... [::: ...]
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    drover each -k "${options[@]}" -- sh -c "$brackets" sh "$@"
}

# ---- replacement strings ----

@test "parts of an item: without extension, last part, directory, both" {
    prints '[d/a.b.c][d/a.b][a.b.c][d][a.b]' words -- {} {.} {/} {//} {/.} ::: d/a.b.c
    prints '[x][x][x][.][x]' words -- {} {.} {/} {//} {/.} ::: x
    prints '[/.p][/][.p][/][]' words -- {} {.} {/} {//} {/.} ::: /.p
}

@test "an extension is one of the last part alone" {
    prints '[d.d/a][a]' words -- {.} {/.} ::: d.d/a
}

@test "the number of an item counts from 1" {
    prints $'[1]\n[2]\n[3]' words -- {#} ::: a b c
}

@test "fields by number, from the first and from the last" {
    prints '[a][c][c][a][]' words -- {1} {3} {-1} {-3} {4} ::: a ::: b ::: c
    prints '[e/a][y.z][e][y]' words -- {1.} {2/} {-2//} {-1/.} ::: e/a.b :::+ x/y.z
}

@test "replacement strings may stand within a word, more than once" {
    prints '[<a>a.txt]' words -- '<{}>{}.txt' ::: a
    prints '[x a b y]' words -- 'x {} y' ::: a ::: b
}

@test "{} alone becomes a word for each field" {
    prints '[a 1][b][end]' words -- {} end ::: 'a 1' ::: b
    prints '[x][y]' words -- {/} ::: a/x ::: b/y
}

@test "without a replacement string the fields are the last words" {
    prints '[first][a 1][b]' words -- first ::: 'a 1' ::: b
}

@test "any replacement string keeps the item from being appended" {
    prints '[n1]' words -- 'n{#}' ::: a
    prints '[]' words -- {9} ::: a
}

@test "other braces stay as they are" {
    prints '[{x}][{][}][{0}][{print $1}][{1 }][a]' words -- {x} { } {0} '{print $1}' '{1 }' ::: a
}

@test "what an item holds is not replaced" {
    prints '[{}{#}][{}{#}]' words -- {} {1} ::: '{}{#}'
    prints '[{2}][{1}]' words -- {1} {2} ::: {2} ::: {1}
}

@test "the command itself may be the item" {
    prints hi drover each -- {} hi ::: echo
    exits 1 drover each -- {} ::: ''
}

@test "odd items are data: nothing in them is done" {
    items=('$(touch hit)' '`touch hit`' '; touch hit' "'; touch hit; '" '"' ' a  b ' '*' '\' $'\xff')
    printf '%s\0' "${items[@]}" >want
    printf '%s\0' "${items[@]}" | drover each -0 -k -- printf '%s\0' {} >got
    same_file want got
    printf '%s\0' "${items[@]}" | drover each -0 -k -c "printf '%s\\0' {}" >got
    same_file want got
    printf '%s\0' "${items[@]}" | drover each -0 -k -c "printf '%s\\0' {1}" >got
    same_file want got
    [ ! -e hit ]
}

@test "with -c each field is quoted for the shell" {
    prints "<it's><b c>" drover each -c 'printf "<%s>" {}' ::: "it's" ::: 'b c'
    prints '<b c>' drover each -c 'printf "<%s>" {2}' ::: "it's" ::: 'b c'
    prints "<it's d>" drover each -c 'printf "<%s>" {.}' ::: "it's d.e"
}

@test "with -c and no replacement string the fields are \$1, \$2" {
    prints "b c/it's" drover each -c 'printf %s "$2/$1"' ::: "it's" ::: 'b c'
}

@test "an item of 100 KiB comes into a word whole" {
    head -c 102400 /dev/zero | tr '\0' x >item
    drover each -- sh -c 'printf %s "${#1} ${#2}"' sh 'x{}y' {.} <item >got
    same '102402 102400' "$(cat got)"
}

# ---- sources ----

@test "two sources give every pair, the last varying fastest" {
    prints $'[A][X]\n[A][Y]\n[B][X]\n[B][Y]' words -- ::: A B ::: X Y
}

@test "three sources give every triple" {
    words -- ::: a b ::: 1 2 3 ::: x y >got
    for i in a b; do for j in 1 2 3; do for k in x y; do echo "[$i][$j][$k]"; done; done; done >want
    same_file want got
}

@test "a linked source goes along; the shorter one ends both" {
    prints $'[A][1]\n[B][2]' words -- ::: A B C :::+ 1 2
    prints $'[A][1]\n[B][2]' words -- ::: A B :::+ 1 2 3 4
    prints $'[A][1][x]\n[B][2][y]' words -- ::: A B C :::+ 1 2 3 :::+ x y
}

@test "linked sources among others" {
    prints $'[A][1][p][8]\n[A][1][q][9]\n[B][2][p][8]\n[B][2][q][9]' \
        words -- ::: A B C :::+ 1 2 ::: p q :::+ 8 9 10
}

@test "files are sources" {
    seq 2 >n; printf 'x\ny z\n' >l
    prints $'[1][x]\n[1][y z]\n[2][x]\n[2][y z]' words -- :::: n l
    prints $'[1][x]\n[2][y z]' words -- :::: n ::::+ l
    prints $'[1][x]\n[1][y z]\n[2][x]\n[2][y z]' words -a n -a l --
    prints $'[1][A]\n[2][A]' words -a n -- ::: A
    prints $'[A][1]\n[A][2]' words -- ::: A :::: n
}

@test "standard input may be any one of the sources" {
    seq 2 >n
    prints $'[a][1]\n[a][2]\n[b][1]\n[b][2]' words -- :::: - n < <(printf 'a\nb\n')
    prints $'[1][a]\n[1][b]\n[2][a]\n[2][b]' words -- :::: n - < <(printf 'a\nb\n')
    prints $'[A][a]\n[B][b]' words -- ::: A B ::::+ - < <(printf 'a\nb\n')
    fails 2 '*standard input*' drover each -- echo :::: - -
}

@test "a source that is empty leaves nothing to do" {
    prints '' words -- ::: A B :::: /dev/null
    prints '' words -- :::: /dev/null ::: A B
    prints '' words -- ::: A B :::
    prints '' words -- ::: A B :::+
}

@test "empty items are items" {
    prints $'[][x]\n[a][x]' words -- ::: '' a ::: x
}

@test "an endless source may be combined" {
    mkfifo fifo
    yes >fifo &
    feeder=$!
    drover each -k -j 2 -- echo :::: - ::: 1 2 <fifo 2>/dev/null | head -n 50 >got
    wait_until gone "$feeder"
    same "$(yes $'y 1\ny 2' | head -n 50)" "$(cat got)"
}

@test "children run before a combined input has ended" {
    mkfifo fifo
    drover each -- touch {1}.{2} :::: - ::: a b <fifo & exec 9>fifo
    echo first >&9
    wait_until test -e first.b
    exec 9>&-
    wait $!
}

@test "linked inputs are both read as they come" {
    mkfifo left right
    drover each -- touch {1}.{2} :::: left ::::+ right & pid=$!
    exec 8>left 9>right
    echo a >&8; echo 1 >&9
    wait_until test -e a.1
    echo 2 >&9; echo b >&8
    wait_until test -e b.2
    exec 8>&-
    wait "$pid"
    exec 9>&-
}

@test "mistakes with sources are told" {
    fails 2 '*:::+ needs a source*' drover each -- echo :::+ a
    fails 2 '*:::: needs a file*' drover each -- echo ::: a ::::
    fails 2 'nowhere: No such file*' drover each -- echo :::: nowhere
    fails 2 '/: Is a directory*' drover each -- echo ::: a :::: /
}

# ---- lines and fields ----

@test "a line with a zero byte is refused, and said which" {
    printf 'a\nb\0c\nd\n' >items
    exits 2 drover each -k -- echo <items
    same a "$out"
    matches '*item 2*zero byte*' "$err"
}

@test "a line that ends in CR LF keeps its CR" {
    printf 'a\r\nb\r\n' | drover each -k -- printf '%s\n' >got
    printf 'a\r\nb\r\n' | cmp - got
}

@test "--colsep splits at a regular expression" {
    prints '[a][b][c]' words --colsep , -- {1} {2} {3} < <(echo a,b,c)
    prints '[b][a][]' words --colsep '[,;]+' -- {2} {1} {3} < <(echo 'a,;b')
    prints '[a b][c]' words --colsep '\t' -- < <(printf 'a b\tc\n')
    prints '[b]' words --colsep '\|' -- {2} ::: 'a|b'
    prints '[a][][b][]' words --colsep , -- {1} {2} {3} {4} < <(echo a,,b,)
}

@test "--colsep drops blanks around fields" {
    prints '[a][b c][]' words --colsep , -- < <(printf ' a ,\tb c , \n')
}

@test "--colsep that is no regular expression is told" {
    fails 2 '*--colsep: (:*' drover each --colsep '(' -- echo ::: a
    fails 2 '*--colsep: |: *' drover each --colsep '|' -- echo ::: a
}

@test "--colsep with several sources: fields are counted over all" {
    prints '[a][b][x][y]' words --colsep , -- ::: a,b ::: x,y
    prints '[x]' words --colsep , -- {3} ::: a,b ::: x,y
}

@test "--header names the columns of a table" {
    printf 'name\tage\nann\t3\nb o\t4\n' >table
    prints $'[3][ann]\n[4][b o]' words --header : -- {age} {name} <table
    prints $'[ann][3]\n[b o][4]' words --header : -- <table
}

@test "--header: parts of a named field" {
    prints '[d/f][f.c][d][f][{other}]' words --header : --colsep , -- {p.} {p/} {p//} {p/.} {other} < <(printf 'n,p\n1,d/f.c\n')
}

@test "--header names the sources of arguments" {
    prints $'[b][1]\n[c][1]' words --header : -- {x} {n} ::: n 1 ::: x b c
}

@test "--header reaches into a script" {
    prints "it's" drover each --header : -c 'printf %s {w}' ::: w "it's"
}

@test "--header of an empty input: nothing to do" {
    prints '' words --header : -- {a} </dev/null
    prints '' words --header : -- {a} < <(echo a)
    fails 2 '*--header*' drover each --header x -- echo ::: a
}

@test "-n gives each child several items, the last what is left" {
    prints $'[1][2][3]\n[4][5]' words -n 3 -- < <(seq 5)
    prints $'[2][1]\n[][3]' words -n 2 -- {2} {1} ::: 1 2 3
    prints $'[a][b][c][d]' words -n 2 --colsep , -- < <(printf 'a,b\nc,d\n')
    prints $'[a][1][a][2]\n[b][1][b][2]' words -n 2 -- ::: a b ::: 1 2
    fails 2 '*--max-args*' drover each -n 0 -- echo ::: a
}

# ---- what is seen of them ----

@test "an item of several fields is shown with a space between them" {
    exits 1 drover each --keep-job -- false ::: a ::: 'b c'
    matches '*1.1: a b c: *' "$err"
    prints 'a b c' field item 1.1
    prints '["false","a","b c"]' json '.[0].argv | tojson' 1.1
    prints "false a 'b c'" field command 1.1
    prints 'a b c' json '.[0].item' 1.1
}

@test "fields are kept through a stop and resume" {
    drover each --as-job -j 1 -- sh -c '[ -e go ] || exec sleep 60; printf "[%s]" "$@"' sh ::: a ::: 'b c' ''
    wait_state Running 1.1
    drover stop 1
    touch go
    drover resume 1
    wait_state Completed 1
    prints '[a][b c][a][]' drover receive 1
}

@test "fields are kept when the supervisor is killed" {
    drover each --as-job -j 1 -- sh -c 'while [ ! -e go ]; do sleep 0.02; done; printf "[%s]" "$@"' sh ::: a ::: 'b c' d
    wait_state Running 1.1
    kill_and_wait "$(supervisor_pid)"
    touch go
    wait_state Completed 1
    prints '[a][b c][a][d]' drover receive 1
}

# ---- --dry-run ----

@test "--dry-run prints the commands and starts nothing" {
    prints $'touch \'a b\' 1\ntouch c 2' drover each --dry-run -- touch {} {#} ::: 'a b' c
    prints $'echo \'it\'\\\'\'s\' >b; x' drover each --dry-run -c 'echo {1} >{2}; x' ::: "it's" ::: b
    prints $'x 1 2\nx 3' drover each --dry-run -n 2 -- x < <(seq 3)
    [ ! -e c ]
    [ ! -e home ]
}

@test "--dry-run of endless input ends when nobody reads" {
    same 'echo y' "$(yes | timeout 20 drover each --dry-run -- echo | head -n 1)"
}

@test "--header: a byte order mark is no part of the first name" {
    printf '\357\273\277name,size\nx,1\n' >list
    prints 'x 1' drover each --colsep , --header : -a list -- echo {name} {size}
}

type Script = (ask: '__complete' | '__completeNoDesc') => string

/** Descriptions are not shown by bash, which knows none. */
const bash: Script = () => `# bash completion for podman
_podman() {
  local typed=\${COMP_WORDS[COMP_CWORD]} directive
  local -a answer
  # The shell takes "--flag=value" apart; podman wants it whole.
  local line=\${COMP_LINE:0:COMP_POINT}
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  mapfile -t answer < <("\${words[0]}" __completeNoDesc "\${words[@]:1}" 2>/dev/null)
  ((\${#answer[@]})) || return
  directive=\${answer[-1]#:}
  unset 'answer[-1]'
  COMPREPLY=()
  local word cut=""
  # What stands before the last colon or equals sign is on the line already.
  [[ \${words[-1]} == *[:=]* && $COMP_WORDBREAKS == *[:=]* ]] && cut=\${words[-1]%"$typed"}
  [[ $typed == [:=] ]] && cut=\${words[-1]}
  for word in "\${answer[@]}"; do COMPREPLY+=("\${word#"$cut"}"); done
  ((directive & 2)) && compopt -o nospace
  if ((\${#answer[@]} == 0 && !(directive & 4))); then
    compopt -o default
  fi
}
complete -F _podman podman podman-ts
`

const zsh: Script = ask => `#compdef podman podman-ts
_podman() {
  local -a answer suggestions
  answer=("\${(@f)$("\${words[1]}" ${ask} "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  local directive=\${answer[-1]#:} line
  answer[-1]=()
  for line in $answer; do
    [[ -n $line ]] && suggestions+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${line#*$'\\t'}:+:\${line#*$'\\t'}}")
  done
  # Of "--flag=value" the answer is the value.
  [[ $PREFIX == -*=* ]] && compset -P 1 '*='
  if ((\${#suggestions})); then
    if ((directive & 2)); then _describe 'podman' suggestions -S ''
    else _describe 'podman' suggestions
    fi
  elif ((!(directive & 4))); then
    _files
  fi
}
compdef _podman podman podman-ts
`

const fish: Script = ask => `# fish completion for podman
function __podman_answer
  set -l words (commandline -opc)
  $words[1] ${ask} $words[2..-1] (commandline -ct) 2>/dev/null
end
function __podman_suggestions
  set -l answer (__podman_answer)
  set -l directive (string replace -r '^:' '' -- $answer[-1])
  # Of "--flag=value" the answer is the value.
  set -l typed (commandline -ct)
  set -l flag (string match -r -- '^-[^=]*=' $typed)
  set -q flag[1]; or set flag ''
  if test (count $answer) -gt 1
    printf '%s\\n' $flag$answer[1..-2]
  else if test (math "bitand($directive, 4)") -eq 0
    printf '%s\\n' $flag(__fish_complete_path (string replace -- "$flag" '' $typed))
  end
end
complete -c podman -f -a '(__podman_suggestions)'
complete -c podman-ts -f -a '(__podman_suggestions)'
`

/** A script for each shell: it hands the line to podman and shows what comes back. */
export const scripts = { bash, zsh, fish }

// The parts of the completion scripts that say how a shell completes; completion.cpp puts in what there is to complete. Braces of the
// shells are doubled, because fmt fills them.
#pragma once

#include <string_view>

namespace chimplift {

// bash takes "=" and ":" for words of their own, so "--warehouse=duckdb:x" comes as five.
inline constexpr std::string_view kBashScript = R"(# bash completion for chimplift; made by `chimplift generate completion bash`.
_chimplift() {{
  local IFS=$' \t\n' cur=${{COMP_WORDS[COMP_CWORD]}} command='' topic='' choice='' option='' last='' behind='' words='' kinds='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD + 1; i++)); do
    word=${{COMP_WORDS[i]}}
    if [[ $word == : && -n $last ]]; then option=$last behind=yes; [[ $i -ne $COMP_CWORD ]] || cur=''; continue; fi
    if [[ $word == '=' ]]; then [[ $i -ne $COMP_CWORD ]] || cur=''; continue; fi
    [[ $i -ne $COMP_CWORD ]] || break
    if [[ -n $option ]]; then last=$option option='' behind=''; continue; fi
    last=''
    case $word in
      {valued}) option=$word ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; elif [[ -z $topic ]]; then topic=$word; else choice=$word; fi ;;
    esac
  done
  if [[ -n $option ]]; then
    case $option in
{values}    esac
    if [[ $kinds == steps ]]; then
      local before=''
      [[ $cur != *,* ]] || before=${{cur%,*}},
      compopt -o nospace 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -W '{steps}' -P "$before" -- "${{cur##*,}}")
      return
    fi
    [[ -n $behind ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    [[ ${{COMPREPLY[0]}} != *: ]] || compopt -o nospace 2>/dev/null
    if [[ $kinds == folders ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    elif [[ ($kinds == *files* && -z $behind) || ($kinds == *behind* && -n $behind) ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$cur")
    fi
    return
  fi
  if [[ $cur == -* ]]; then
    case $command in
{takers}    esac
    words+=' --help'
  else
    case $command:$topic:$choice in
      ::) words='{commands}' ;;
      help::) words='{commands}' ;;
      generate::) words='{topics}' ;;
{choices}    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}}
complete -F _chimplift chimplift
)";

inline constexpr std::string_view kZshScript = R"(#compdef chimplift
# zsh completion for chimplift; made by `chimplift generate completion zsh`.
_chimplift() {{
  local command= topic= choice= word state i skip=0
  local -a commands topics specs
  local -A option takes
  commands=(
{commands}  )
  topics=(
{topics}  )
  option=(
{specs}  )
  takes=(
{takers}  )
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if ((skip)); then skip=0; continue; fi
    case $word in
      {valued}) skip=1 ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; elif [[ -z $topic ]]; then topic=$word; else choice=$word; fi ;;
    esac
  done
  for word in ${{=takes[$command]}}; do specs+=("$option[$word]"); done
  _arguments -C $specs '(-h --help)'{{-h,--help}}'[Explain.]' '*: :->words' && return
  case $state in
    words)
      case $command:$topic:$choice in
        ::|help::) _describe -t commands command commands ;;
        generate::) _describe -t topics topic topics ;;
{choices}      esac ;;
  esac
}}
if [[ $funcstack[1] == _chimplift ]]; then _chimplift "$@"; else compdef _chimplift chimplift; fi
)";

inline constexpr std::string_view kFishScript = R"(# fish completion for chimplift; made by `chimplift generate completion fish`.
complete -c chimplift -f
complete -c chimplift -s h -l help -d 'Explain.'
)";

}  // namespace chimplift
